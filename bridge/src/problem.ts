import type { Response } from 'express'
import { BridgeError, type BridgeErrorCode, PROBLEMS } from './errors.ts'

const MAX_QUOTED = 60

/** A value as a message may quote it: as JSON, and short. */
export function quoted(value: unknown): string {
  if (typeof value !== 'string') return value === null ? 'null' : typeof value
  return JSON.stringify(value.length > MAX_QUOTED ? `${value.slice(0, MAX_QUOTED)}...` : value)
}

/** The problem document (RFC 9457) of an error. */
export function problemOf(error: BridgeError): Record<string, unknown> {
  const { code, status, message } = error
  return {
    ...error.extra,
    type: `urn:spancast:problem:${code}`,
    title: PROBLEMS[code].title,
    status,
    detail: message,
    code,
  }
}

/** Answers with the error. A response that has begun is cut, so that nobody takes it for whole. */
export function sendProblem(res: Response, error: BridgeError): void {
  if (res.headersSent) {
    res.destroy()
    return
  }
  for (const [name, value] of Object.entries(error.headers)) res.setHeader(name, value)
  if (error.retryAfterSeconds !== undefined) {
    res.setHeader('Retry-After', String(error.retryAfterSeconds))
  }
  res.setHeader('Cache-Control', 'no-store')
  res
    .status(error.status)
    .type('application/problem+json')
    .send(JSON.stringify(problemOf(error)))
}

/** What was thrown, as an error that may be shown. What we did not foresee is not shown, but told to the operator. */
export function toBridgeError(error: unknown, path: string): BridgeError {
  if (error instanceof BridgeError) return error
  // Express throws it for a path with a broken percent-encoding, before any route has seen it.
  if (error instanceof URIError) {
    const detail = 'Expected a path with valid percent-encoding, got one that cannot be decoded.'
    return new BridgeError(codeOfPath(path), detail, { cause: error })
  }
  process.emitWarning('A request failed inside the bridge.', {
    type: 'SpancastWarning',
    code: 'SPANCAST_BRIDGE_ERROR',
    detail: error instanceof Error ? (error.stack ?? error.message) : String(error),
  })
  return new BridgeError('internal-error', 'The bridge could not answer this request.', {
    cause: error,
  })
}

function codeOfPath(path: string): BridgeErrorCode {
  if (path.startsWith('/api/agents/')) return 'invalid-random-id'
  return path.startsWith('/api/namespaces/') ? 'invalid-namespace' : 'invalid-request'
}
