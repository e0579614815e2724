import express, { type Request, type RequestHandler } from 'express'
import { BridgeError } from '../errors.ts'
import { quoted } from '../problem.ts'

export interface JsonBodyOptions {
  /** Bytes of the body, inflated. */
  readonly maxBytes: number
  /** Time for it to arrive, in milliseconds. */
  readonly timeoutMs: number
}

/** Reads a JSON body into `req.body`; fails with a BridgeError for one that is none, too large or too slow. */
export function jsonBody({ maxBytes, timeoutMs }: JsonBodyOptions): RequestHandler {
  const parse = express.json({ limit: maxBytes, strict: false, type: () => true })
  return (req, res, next) => {
    const refused = refusal(req, maxBytes)
    if (refused !== undefined) {
      next(refused)
      return
    }
    let over = false
    const finish = (error?: BridgeError): void => {
      if (over) return
      over = true
      clearTimeout(timer)
      next(error)
    }
    const timer = setTimeout(() => {
      // What is still to come belongs to no request any more.
      res.setHeader('Connection', 'close')
      const detail = `Expected the body within ${timeoutMs} ms (\`bodyTimeoutMs\`), got only a part.`
      finish(new BridgeError('request-timeout', detail))
    }, timeoutMs)
    timer.unref()
    parse(req, res, (error?: unknown) => {
      finish(error === undefined ? undefined : bodyError(error, maxBytes))
    })
  }
}

function refusal(req: Request, maxBytes: number): BridgeError | undefined {
  // The app that the router is mounted in may have read it: then only its length can be judged.
  if (req.readableEnded) {
    return Number(req.headers['content-length']) > maxBytes ? tooLarge(maxBytes) : undefined
  }
  const type = req.is(['json', '+json'])
  if (type !== false) return undefined
  const got = quoted(req.headers['content-type'] ?? '')
  const detail = `Expected a body of type application/json, got ${got}. Send the header Content-Type: application/json.`
  return new BridgeError('unsupported-media-type', detail, {
    headers: { 'Accept-Post': 'application/json' },
  })
}

function bodyError(error: unknown, maxBytes: number): BridgeError {
  const { type, status } = (error ?? {}) as { readonly type?: unknown; readonly status?: unknown }
  if (type === 'entity.too.large') return tooLarge(maxBytes)
  if (type === 'entity.parse.failed') {
    const detail = 'Expected a body that is valid JSON, got one that cannot be parsed.'
    return new BridgeError('invalid-json', detail, { cause: error })
  }
  if (status === 415) {
    const detail = 'Expected a body in UTF-8, plain or compressed with gzip, deflate or br.'
    return new BridgeError('unsupported-media-type', detail, { cause: error })
  }
  const detail = 'Expected a whole body, of the length and encoding that its headers tell.'
  return new BridgeError('invalid-request', detail, { cause: error })
}

function tooLarge(maxBytes: number): BridgeError {
  const detail = `Expected a body of at most ${maxBytes} bytes (\`maxInvokeBytes\`), got a larger one.`
  return new BridgeError('body-too-large', detail)
}
