export interface BodyRefusedOptions extends ErrorOptions {
  /** Seconds, for `Retry-After`. */
  readonly retryAfterSeconds?: number
  /** Whether the connection is of no use any more, so that the answer is its last (`Connection: close`). */
  readonly close?: boolean
}

/** A request body that was not taken, before anything was decoded. */
export class BodyRefused extends Error {
  override readonly name = 'BodyRefused'
  /** HTTP status of the answer: 400, 408, 413, 415, 500 or 503. */
  readonly status: number
  readonly retryAfterSeconds: number | undefined
  readonly close: boolean

  /** @param message - What was expected, what came, what to do. Sent to the client. */
  constructor(status: number, message: string, options: BodyRefusedOptions = {}) {
    super(message, 'cause' in options ? { cause: options.cause } : undefined)
    this.status = status
    this.retryAfterSeconds = options.retryAfterSeconds
    this.close = options.close ?? false
  }
}

// A sender of OpenTelemetry JS gives up at once when it is told to wait longer than its own ten seconds.
const RETRY_AFTER_SECONDS = 1

export function tooLarge(maxBytes: number): BodyRefused {
  const message = `Expected a body of at most ${maxBytes} bytes (\`maxOtlpBytes\`), inflated, got a larger one. Send smaller batches.`
  return new BodyRefused(413, message)
}

export function noRoom(): BodyRefused {
  const message = 'The bridge is handling as many bytes as it may (`maxIngestBytes`). Try again.'
  return new BodyRefused(503, message, { retryAfterSeconds: RETRY_AFTER_SECONDS })
}

export function gaveWay(): BodyRefused {
  const message =
    'The body stalled while others needed its room (`maxIngestBytes`). Send it in one go.'
  return new BodyRefused(503, message, { retryAfterSeconds: RETRY_AFTER_SECONDS, close: true })
}

export function tooSlow(timeoutMs: number): BodyRefused {
  const message = `Expected the body within ${timeoutMs} ms (\`bodyTimeoutMs\`), got only a part.`
  return new BodyRefused(408, message, { close: true })
}

export function cutShort(): BodyRefused {
  return new BodyRefused(400, 'Expected a whole body, got only a part of it.', { close: true })
}

export function unknownCoding(): BodyRefused {
  return new BodyRefused(415, 'Expected a body that is plain or compressed with gzip.')
}

export function notGzip(cause: unknown): BodyRefused {
  const message = 'Expected a body of valid gzip, as `Content-Encoding` says, got none.'
  return new BodyRefused(400, message, { cause })
}

export function takenAlready(): BodyRefused {
  const message =
    'The body was read before the bridge could. Mount its router ahead of what reads bodies.'
  return new BodyRefused(500, message)
}
