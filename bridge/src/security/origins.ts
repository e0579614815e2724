import type { Request, Response } from 'express'
import { BridgeError } from '../errors.ts'
import { quoted } from '../problem.ts'

const ALLOWED_HEADERS = 'Authorization, Content-Type, Last-Event-ID, Prefer, Cache-Control'
const EXPOSED_HEADERS = 'Location, Preference-Applied, Retry-After, WWW-Authenticate'
const PREFLIGHT_SECONDS = '600'

/** Which web pages may call the bridge: those that it serves itself, and those of an allow-list. */
export class Origins {
  readonly #allowed: ReadonlySet<string>

  constructor(allowed: readonly string[]) {
    this.#allowed = new Set(allowed)
  }

  /**
   * Lets the request's page read the answer, if it is one of the allow-list.
   *
   * @throws BridgeError `origin-not-allowed` for a page that is neither ours nor listed.
   */
  check(req: Request, res: Response): void {
    res.vary('Origin')
    const { origin } = req.headers
    if (origin === undefined) return
    if (this.#allowed.has(origin)) {
      res.setHeader('Access-Control-Allow-Origin', origin)
      res.setHeader('Access-Control-Expose-Headers', EXPOSED_HEADERS)
      return
    }
    if (isOwn(origin, req)) return
    throw new BridgeError(
      'origin-not-allowed',
      `Expected a page of this bridge or of \`corsOrigins\`, got one of ${quoted(origin)}.`,
    )
  }

  /** Answers what a browser asks ahead of a request that it may not send unasked. */
  preflight(res: Response, methods: string): void {
    res.setHeader('Access-Control-Allow-Methods', methods)
    res.setHeader('Access-Control-Allow-Headers', ALLOWED_HEADERS)
    res.setHeader('Access-Control-Max-Age', PREFLIGHT_SECONDS)
  }
}

/** Whether the page came from where the request goes. Hosts are compared alone: a proxy may end the TLS. */
function isOwn(origin: string, req: Request): boolean {
  if (!/^https?:\/\//.test(origin)) return false
  const host = origin.slice(origin.indexOf('//') + 2)
  return host === req.headers.host || host === req.host
}
