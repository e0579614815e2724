import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { observe } from '@spancast/sdk'
import { pathInside } from '../library/inside.ts'
import type { Library } from '../library/library.ts'
import { plainText } from '../library/markdown.ts'
import type { Hit } from '../library/search.ts'

/** What a researcher can do. Every call is a tool call of the run. */
export interface Tools {
  /** Full-text search over all passages, best first. */
  readonly searchFiles: (args: { query: string; limit: number }) => Hit[]
  /** The text of one document. Fails for a path outside the corpus. */
  readonly readDocument: (args: { path: string }) => Promise<Document>
  /** The newest entry of a package's changelog. Fails if the package ships none. */
  readonly readChangelog: (args: { package: string }) => Promise<Release>
}

interface Document {
  readonly path: string
  readonly text: string
  /** Whether the end of a long document was left out. */
  readonly cut: boolean
}

interface Release {
  /** The changelog, relative to the corpus folder. */
  readonly path: string
  /** The heading of its newest entry, such as `v7.2.0`. */
  readonly newest: string
}

const MAX_CHARACTERS = 128 * 1024
const CHANGELOG = /^(changelog|changes|history|releases?)(\.(md|markdown|txt))?$/i

/**
 * The tools over one library.
 *
 * @param signal - Ends what is being read when the run is cancelled.
 */
export function createTools(library: Library, signal: AbortSignal): Tools {
  const searchFiles: Tools['searchFiles'] = ({ query, limit }) => library.index.search(query, limit)

  const readDocument: Tools['readDocument'] = async ({ path }) => {
    const file = await pathInside(library.folder, path)
    const text = await readFile(file, { encoding: 'utf8', signal })
    return { path, text: text.slice(0, MAX_CHARACTERS), cut: text.length > MAX_CHARACTERS }
  }

  const readChangelog: Tools['readChangelog'] = async ({ package: name }) => {
    const folder = await pathInside(library.folder, name)
    const files = await readdir(folder)
    const file = files.find((candidate) => CHANGELOG.test(candidate))
    if (file === undefined) {
      throw new Error(`${name} ships no changelog: none of its ${files.length} files is one`)
    }
    const text = await readFile(join(folder, file), { encoding: 'utf8', signal })
    const newest = newestEntryOf(text)
    if (newest === undefined) throw new Error(`${name}/${file} names no version`)
    return { path: `${name}/${file}`, newest }
  }

  return {
    searchFiles: observe(searchFiles, { name: 'search_files', kind: 'tool' }),
    readDocument: observe(readDocument, { name: 'read_file', kind: 'tool' }),
    readChangelog: observe(readChangelog, { name: 'read_changelog', kind: 'tool' }),
  }
}

/** The folder of the package that a document belongs to, relative to the corpus; `.` for one at the top. */
export function packageOf(path: string): string {
  const parts = path.split('/')
  const start = parts.lastIndexOf('node_modules') + 1
  const length = parts[start]?.startsWith('@') ? 2 : 1
  return parts.slice(0, Math.min(start + length, parts.length - 1)).join('/') || '.'
}

function newestEntryOf(changelog: string): string | undefined {
  const heading = /^(?:#{1,4}\s+(.*\d+\.\d+.*)|(v?\d+\.\d+.*)\r?\n[=-]{3,})\s*$/m.exec(changelog)
  const title = heading?.[1] ?? heading?.[2]
  return title === undefined
    ? undefined
    : plainText(title)
        .replace(/^\[(.*?)\]/, '$1')
        .slice(0, 80)
}
