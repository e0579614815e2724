import type { Dirent } from 'node:fs'
import { readdir, readFile } from 'node:fs/promises'
import { dirname, join, relative, sep } from 'node:path'

/** A document of the corpus. */
export interface CorpusFile {
  /** Relative to the corpus folder, with `/` between its parts. */
  readonly path: string
  readonly text: string
}

export interface Corpus {
  /** The folder that was read, absolute. */
  readonly folder: string
  readonly files: readonly CorpusFile[]
  /** Whether a limit left documents out. */
  readonly cut: boolean
}

export interface CorpusOptions {
  /** Documents read at most; those nearest to the top come first. Default 2 000. */
  readonly maxFiles?: number
  /** Bytes read at most, all documents together. Default 6 MiB, which are indexed in about two seconds. */
  readonly maxBytes?: number
  /** Folders looked into at most. Default 20 000. */
  readonly maxFolders?: number
  /** Called after each folder that had documents, with their number so far. */
  readonly onProgress?: (files: number) => void
  readonly signal?: AbortSignal
}

/** A document longer than this is a log or a data file, not something to read. */
const MAX_FILE_BYTES = 256 * 1024
const DOCUMENT = /\.(md|markdown|mdx|rst|txt)$/i
const NOT_READ =
  /^(licen[cs]e|copying|notice|third.?party|change|history|releases?\b|authors|contributors|patents|security|code_of_conduct)/i
const TRANSLATION = /^readme[._-][a-z]{2}([_-][a-z]+)?\.\w+$/i
const NOT_ENTERED = /^(\..*|test|tests|__tests__|fixtures?|coverage)$/i

/**
 * Reads the documentation under a folder, from the top down: READMEs and other text, without licences,
 * changelogs, translations and second copies. Links are not followed and files that cannot be read are left out.
 *
 * @throws If the folder itself cannot be read.
 */
export async function readCorpus(folder: string, options: CorpusOptions = {}): Promise<Corpus> {
  const { maxFiles = 2_000, maxBytes = 6 * 1024 * 1024, maxFolders = 20_000 } = options
  const files: CorpusFile[] = []
  const seen = new Set<string>()
  const queue = [folder]
  let bytes = 0

  for (let next = 0; next < queue.length; next++) {
    options.signal?.throwIfAborted()
    if (next === maxFolders) return { folder, files, cut: true }
    const current = queue[next] ?? folder
    const entries = await entriesOf(current, current === folder)
    for (const entry of entries) {
      if (entry.isDirectory() && !NOT_ENTERED.test(entry.name))
        queue.push(join(current, entry.name))
    }
    const names = entries.filter((entry) => entry.isFile() && isDocument(entry.name))
    for (const { name } of names) {
      const text = await textOf(join(current, name))
      if (text === undefined || seen.has(text)) continue
      if (files.length === maxFiles || bytes + text.length > maxBytes)
        return { folder, files, cut: true }
      seen.add(text)
      bytes += text.length
      files.push({ path: relative(folder, join(current, name)).split(sep).join('/'), text })
    }
    if (names.length > 0) options.onProgress?.(files.length)
  }
  return { folder, files, cut: false }
}

/**
 * The nearest `node_modules` from a folder upwards.
 *
 * @throws If there is none.
 */
export async function nearestNodeModules(from: string): Promise<string> {
  let small: string | undefined
  for (let folder = from; ; folder = dirname(folder)) {
    const candidate = join(folder, 'node_modules')
    const packages = await readdir(candidate).catch(() => [])
    // Beside a workspace npm puts the few packages that it could not hoist; the real one is further up.
    if (packages.length >= 10) return candidate
    if (packages.length > 0) small ??= candidate
    if (dirname(folder) === folder) break
  }
  if (small !== undefined) return small
  throw new Error(
    `Expected a node_modules folder in ${from} or above it. Use --folder to name another one.`,
  )
}

async function entriesOf(folder: string, isTop: boolean): Promise<Dirent[]> {
  try {
    const entries = await readdir(folder, { withFileTypes: true })
    return entries.sort((a, b) => (a.name < b.name ? -1 : 1))
  } catch (error) {
    if (isTop) throw error
    return []
  }
}

async function textOf(file: string): Promise<string | undefined> {
  const text = await readFile(file, 'utf8').catch(() => undefined)
  return text === undefined || text.length > MAX_FILE_BYTES || text.trim() === '' ? undefined : text
}

function isDocument(name: string): boolean {
  return DOCUMENT.test(name) && !NOT_READ.test(name) && !TRANSLATION.test(name)
}
