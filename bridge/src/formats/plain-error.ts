import type { ErrorInfo } from '@spancast/sdk'

/** An error for the eyes of a user: its stack is for developers, who read the events themselves. */
export function plainError(error: ErrorInfo | undefined): Omit<ErrorInfo, 'stack'> | undefined {
  return error === undefined ? undefined : { type: error.type, message: error.message }
}
