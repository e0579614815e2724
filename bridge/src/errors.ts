/** Why a request was refused: stable, for programs. The set is closed and published: members are added, never changed. */
export type BridgeErrorCode =
  | 'invalid-http'
  | 'invalid-json'
  | 'invalid-request'
  | 'invalid-random-id'
  | 'invalid-namespace'
  | 'invalid-since'
  | 'invalid-wait'
  | 'invalid-limit'
  | 'invalid-cursor'
  | 'invalid-status'
  | 'unknown-format'
  | 'unauthorized'
  | 'token-expired'
  | 'loopback-only'
  | 'host-not-allowed'
  | 'origin-not-allowed'
  | 'not-found'
  | 'run-not-found'
  | 'workflow-not-found'
  | 'method-not-allowed'
  | 'request-timeout'
  | 'run-exists'
  | 'not-cancellable'
  | 'run-gone'
  | 'body-too-large'
  | 'unsupported-media-type'
  | 'too-many-streams'
  | 'too-many-invokes'
  | 'headers-too-large'
  | 'workflow-failed'
  | 'result-not-json'
  | 'internal-error'
  | 'page-not-built'
  | 'closing'
  | 'store-away'

interface Problem {
  readonly status: number
  readonly title: string
}

/** What each code means, and the HTTP status that goes with it. */
export const PROBLEMS: Readonly<Record<BridgeErrorCode, Problem>> = {
  'invalid-http': { status: 400, title: 'The request is no valid HTTP' },
  'invalid-json': { status: 400, title: 'The body is no valid JSON' },
  'invalid-request': { status: 400, title: 'The request is not as expected' },
  'invalid-random-id': { status: 400, title: 'The randomId cannot name a run' },
  'invalid-namespace': { status: 400, title: 'The namespace is not valid' },
  'invalid-since': { status: 400, title: 'The cursor in since is not valid' },
  'invalid-wait': { status: 400, title: 'The wait is not valid' },
  'invalid-limit': { status: 400, title: 'The limit is not valid' },
  'invalid-cursor': { status: 400, title: 'The cursor is not valid' },
  'invalid-status': { status: 400, title: 'The status is not valid' },
  'unknown-format': { status: 400, title: 'The format is not known' },
  unauthorized: { status: 401, title: 'A token is needed' },
  'token-expired': { status: 401, title: 'The stream token has expired' },
  'loopback-only': { status: 403, title: 'Only this machine is served' },
  'host-not-allowed': { status: 403, title: 'The Host is not allowed' },
  'origin-not-allowed': { status: 403, title: 'The Origin is not allowed' },
  'not-found': { status: 404, title: 'There is nothing at this path' },
  'run-not-found': { status: 404, title: 'There is no such run' },
  'workflow-not-found': { status: 404, title: 'There is no such workflow' },
  'method-not-allowed': { status: 405, title: 'The method is not allowed here' },
  'request-timeout': { status: 408, title: 'The request took too long to arrive' },
  'run-exists': { status: 409, title: 'The randomId is taken' },
  'not-cancellable': { status: 409, title: 'The run cannot be cancelled here' },
  'run-gone': { status: 410, title: 'The run was here and was let go' },
  'body-too-large': { status: 413, title: 'The body is too large' },
  'unsupported-media-type': { status: 415, title: 'The body is of a type that is not taken' },
  'too-many-streams': { status: 429, title: 'Too many streams are open' },
  'too-many-invokes': { status: 429, title: 'Too many workflows are running' },
  'headers-too-large': { status: 431, title: 'The headers are too large' },
  'workflow-failed': { status: 500, title: 'The workflow failed' },
  'result-not-json': { status: 500, title: 'The result cannot be sent as JSON' },
  'internal-error': { status: 500, title: 'The bridge failed' },
  'page-not-built': { status: 503, title: 'The live page was not built' },
  closing: { status: 503, title: 'The bridge is closing' },
  'store-away': { status: 503, title: 'The store does not answer' },
}

/** All codes, for programs that want to walk them. */
export const BRIDGE_ERROR_CODES: readonly BridgeErrorCode[] = Object.freeze(
  Object.keys(PROBLEMS) as BridgeErrorCode[],
)

export interface BridgeErrorOptions {
  /** When to try again, in seconds; becomes `Retry-After`. */
  readonly retryAfterSeconds?: number
  /** More members for the problem document. */
  readonly extra?: Readonly<Record<string, unknown>>
  /** More response headers. */
  readonly headers?: Readonly<Record<string, string>>
  readonly cause?: unknown
}

/** A request that was refused. Answered as `application/problem+json` (RFC 9457) with this `code`. */
export class BridgeError extends Error {
  override readonly name = 'BridgeError'
  readonly code: BridgeErrorCode
  /** The HTTP status that goes with the code. */
  readonly status: number
  readonly retryAfterSeconds: number | undefined
  readonly extra: Readonly<Record<string, unknown>>
  readonly headers: Readonly<Record<string, string>>

  /** @param detail - What was expected, what came, what to do. Sent to the client: never a token, never a path. */
  constructor(code: BridgeErrorCode, detail: string, options: BridgeErrorOptions = {}) {
    super(detail, 'cause' in options ? { cause: options.cause } : undefined)
    this.code = code
    this.status = PROBLEMS[code].status
    this.retryAfterSeconds = options.retryAfterSeconds
    this.extra = options.extra ?? {}
    this.headers = options.headers ?? {}
  }
}
