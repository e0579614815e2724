import { SpancastError } from '@spancast/sdk'

/** The command line asks for something that there is not. The message says what there is. */
export class UsageError extends Error {
  override readonly name = 'UsageError'
}

/** Whether whoever started this program gave something that is not as described, wherever that was found. */
export function isMistake(error: unknown): error is UsageError | SpancastError {
  return (
    error instanceof UsageError ||
    (error instanceof SpancastError && error.code === 'invalid-option')
  )
}
