import type { Request, RequestHandler, Response } from 'express'
import { BridgeError } from '../errors.ts'
import {
  type Encoding,
  type PageFile,
  type PageFiles,
  type PageSettings,
  readPage,
} from '../page/page-files.ts'

/** The best one first. */
const ENCODINGS: readonly Encoding[] = ['br', 'gzip', 'identity']
/** Nothing but our own files runs, nothing but our own bridge is called, and agent text stays text. */
const POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "connect-src 'self'",
  "img-src 'self' data:",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ')
// The name of a file changes with what is in it.
const FOREVER = 'public, max-age=31536000, immutable'

export interface PageRoutes {
  /** `GET /`: all runs. */
  readonly top: RequestHandler
  /** `GET /runs/:randomId`: one run. */
  readonly run: RequestHandler
  /** `GET /spancast-page/:file`: what the page loads. Other names are not ours. */
  readonly asset: RequestHandler
}

/** The live page. Its files are read at the first request. */
export function pageRoutes(settings: PageSettings): PageRoutes {
  let reading: Promise<PageFiles | undefined> | undefined
  const files = async (): Promise<PageFiles> => {
    reading ??= readPage(settings)
    const found = await reading
    if (found !== undefined) return found
    // It may be built while we run.
    reading = undefined
    throw new BridgeError('page-not-built', 'The page was not built. `npm run build` builds it.')
  }
  return {
    top: async (req, res) => {
      const [path = '', query = ''] = splitAt(req.originalUrl, '?')
      // Mounted below a path, the page's files would be looked for beside it.
      if (!path.endsWith('/')) res.redirect(308, `./${lastOf(path)}/${query}`)
      else send(req, res, (await files()).top, 'no-cache')
    },
    run: async (req, res) => {
      const [path = '', query = ''] = splitAt(req.originalUrl, '?')
      if (path.endsWith('/')) res.redirect(308, `../${lastOf(path.slice(0, -1))}${query}`)
      else send(req, res, (await files()).below, 'no-cache')
    },
    asset: async (req, res, next) => {
      const name = req.params.file
      const file = typeof name === 'string' ? (await files()).assets.get(name) : undefined
      if (file === undefined) next('route')
      else send(req, res, file, FOREVER)
    },
  }
}

function send(req: Request, res: Response, file: PageFile, cacheControl: string): void {
  const encoding = ENCODINGS.find((name) => req.acceptsEncodings(name) === name) ?? 'identity'
  res.vary('Accept-Encoding')
  res.setHeader('Cache-Control', cacheControl)
  res.setHeader('ETag', `"${file.etag}-${encoding}"`)
  res.setHeader('Content-Type', file.type)
  res.setHeader('Content-Security-Policy', POLICY)
  res.setHeader('Cross-Origin-Opener-Policy', 'same-origin')
  if (encoding !== 'identity') res.setHeader('Content-Encoding', encoding)
  // It answers 304 to those who have it.
  res.send(file.bodies[encoding])
}

function lastOf(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1)
}

/** The text ahead of the mark, and the rest with it. */
function splitAt(text: string, mark: string): [string, string] {
  const at = text.indexOf(mark)
  return at === -1 ? [text, ''] : [text.slice(0, at), text.slice(at)]
}
