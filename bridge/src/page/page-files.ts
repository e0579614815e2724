import { createHash } from 'node:crypto'
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { brotliCompress, gzip } from 'node:zlib'

export type Encoding = 'br' | 'gzip' | 'identity'

/** A file of the page, in each encoding that a browser may ask for. */
export interface PageFile {
  readonly type: string
  readonly etag: string
  readonly bodies: Readonly<Record<Encoding, Buffer>>
}

export interface PageFiles {
  /** The page as it stands at `/`: its assets are beside it. */
  readonly top: PageFile
  /** The page as it stands at `/runs/:randomId`: its assets are one folder up. */
  readonly below: PageFile
  /** By name, such as `index-BnErdK8M.js`: a name says what is in the file. */
  readonly assets: ReadonlyMap<string, PageFile>
}

export interface PageSettings {
  /** Base URL of the Jaeger whose traces the page links to. */
  readonly jaegerUiUrl: string | undefined
}

// The same from src/page, when TypeScript is run as it is, and from dist/page.
const BUILT = join(import.meta.dirname, '../../dist/ui')
/** Where the page's files are; a name that no app has, in which this one is mounted. */
export const ASSETS = 'spancast-page'
const TYPES: Readonly<Record<string, string>> = {
  js: 'text/javascript; charset=utf-8',
  css: 'text/css; charset=utf-8',
}

/**
 * Reads the built page, which is small, into memory.
 *
 * @returns `undefined` if it was not built.
 */
export async function readPage(
  settings: PageSettings,
  folder: string = BUILT,
): Promise<PageFiles | undefined> {
  try {
    const html = (await readFile(join(folder, 'index.html'), 'utf8')).replace(
      '<!--bridge-->',
      settingsTag(settings),
    )
    const names = await readdir(join(folder, ASSETS))
    const plain = names.filter((name) => extensionOf(name) in TYPES)
    const files = plain.map(
      async (name) => [name, await asset(join(folder, ASSETS, name))] as const,
    )
    return {
      top: await document(html),
      below: await document(html.replaceAll(`"./${ASSETS}/`, `"../${ASSETS}/`)),
      assets: new Map(await Promise.all(files)),
    }
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined
    throw error
  }
}

/** What only the bridge knows, for the page to read. No script: the page allows none in its text. */
function settingsTag({ jaegerUiUrl }: PageSettings): string {
  if (jaegerUiUrl === undefined) return ''
  return `<meta name="spancast-jaeger-ui" content="${escaped(jaegerUiUrl)}" />`
}

async function asset(path: string): Promise<PageFile> {
  const [identity, br, gz] = await Promise.all([
    readFile(path),
    readFile(`${path}.br`),
    readFile(`${path}.gz`),
  ])
  const type = TYPES[extensionOf(path)] ?? 'application/octet-stream'
  return { type, etag: etagOf(identity), bodies: { identity, br, gzip: gz } }
}

async function document(html: string): Promise<PageFile> {
  const identity = Buffer.from(html)
  const [br, gz] = await Promise.all([
    promisify(brotliCompress)(identity),
    promisify(gzip)(identity),
  ])
  return {
    type: 'text/html; charset=utf-8',
    etag: etagOf(identity),
    bodies: { identity, br, gzip: gz },
  }
}

function etagOf(body: Buffer): string {
  return createHash('sha256').update(body).digest('base64url').slice(0, 22)
}

function extensionOf(name: string): string {
  return name.slice(name.lastIndexOf('.') + 1)
}

function escaped(text: string): string {
  return text.replace(/[&<>"]/g, (character) => `&#${character.charCodeAt(0)};`)
}
