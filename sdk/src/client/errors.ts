import type { StreamGap } from '../event/agent-event.ts'

/** What every error of the client is. `AbortError` alone passes through as it comes. */
export class ClientError extends Error {
  override readonly name: string = 'ClientError'
}

/** The bridge refused. */
export class HttpError extends ClientError {
  override readonly name: string = 'HttpError'
  readonly status: number
  /** The bridge's word for it, such as `too-many-streams`; `undefined` if something else answered. */
  readonly code: string | undefined

  constructor(message: string, status: number, code: string | undefined) {
    super(message)
    this.status = status
    this.code = code
  }
}

/** 404: the bridge knows no such run, or nothing else of that name. */
export class RunNotFoundError extends HttpError {
  override readonly name = 'RunNotFoundError'
}

/** 410: the run was there and was let go. */
export class RunExpiredError extends HttpError {
  override readonly name = 'RunExpiredError'
}

/** 401 or 403: a token is needed, or this machine or page may not ask. */
export class AuthError extends HttpError {
  override readonly name = 'AuthError'
}

/** Nobody answered, or not in time. */
export class UnreachableError extends ClientError {
  override readonly name = 'UnreachableError'
}

/** The stream was lost, and all tries to get it back were in vain. */
export class StreamLostError extends ClientError {
  override readonly name = 'StreamLostError'
}

/** What answered is no bridge, or says what cannot be understood. */
export class ProtocolError extends ClientError {
  override readonly name = 'ProtocolError'
}

/** Events are missing, and `onGap: 'throw'` was asked for. */
export class GapError extends ClientError {
  override readonly name = 'GapError'
  readonly gap: StreamGap

  constructor(gap: StreamGap) {
    super(
      gap.reason === 'overwritten'
        ? `Some of the events ${gap.from} to ${gap.to} were overwritten before they could be read.`
        : 'The buffer of the run began anew: what was there before may be lost.',
    )
    this.gap = gap
  }
}
