import { type CorpusOptions, readCorpus } from './corpus.ts'
import { createSearchIndex, type SearchIndex } from './search.ts'

/** What the team reads: a folder of documents and the index over their passages. */
export interface Library {
  /** The folder, absolute. Nothing outside it is ever read. */
  readonly folder: string
  readonly files: number
  /** Whether a limit left documents out. */
  readonly cut: boolean
  readonly index: SearchIndex
}

/**
 * Reads and indexes the documents under a folder.
 *
 * @throws If the folder cannot be read or has no documents.
 */
export async function openLibrary(folder: string, options?: CorpusOptions): Promise<Library> {
  const { files, cut } = await readCorpus(folder, options)
  if (files.length === 0) {
    throw new Error(
      `Expected Markdown or text files under ${folder}, found none. Use --folder to name another one.`,
    )
  }
  return { folder, files: files.length, cut, index: createSearchIndex(files) }
}
