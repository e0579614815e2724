/** Why a call was refused. The set is closed: a new reason is a new member here. */
export type SpancastErrorCode =
  | 'invalid-option'
  | 'invalid-random-id'
  | 'invalid-event'
  | 'run-exists'
  | 'missing-peer'
  | 'provider-exists'

/**
 * A programming mistake, thrown where it is made: at construction or at the call. What fails later, while
 * telemetry runs, is counted and never thrown.
 */
export class SpancastError extends Error {
  override readonly name = 'SpancastError'
  /** Which mistake it was: stable, for programs. The message is for people and may change. */
  readonly code: SpancastErrorCode

  constructor(code: SpancastErrorCode, message: string, options?: ErrorOptions) {
    super(message, options)
    this.code = code
  }
}
