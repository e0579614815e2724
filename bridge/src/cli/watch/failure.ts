import {
  AuthError,
  ClientError,
  HttpError,
  ProtocolError,
  RunExpiredError,
  RunNotFoundError,
  StreamLostError,
  UnreachableError,
} from '@spancast/sdk/client'
import { EXIT } from '../exit-code.ts'

/** Nobody answers at the address of the bridge. */
export class BridgeAway extends Error {
  override readonly name = 'BridgeAway'

  constructor(url: string, reason: string) {
    super(
      `No bridge answers at ${url}: ${reason}. Start one with: spancast serve, or name another with --url.`,
    )
  }
}

/** Whoever started this program wants it to end. */
export class Interrupted extends Error {
  override readonly name = 'Interrupted'
}

/** Nothing came for as long as was allowed. */
export class Idle extends Error {
  override readonly name = 'Idle'
}

export interface Failing {
  readonly code: number
  /** For people; empty where there is nothing to say. */
  readonly message: string
}

/** What a failure of a command means to who started it; `undefined` for what nobody has foreseen. */
export function failingOf(error: unknown): Failing | undefined {
  if (error instanceof Interrupted) return { code: EXIT.interrupted, message: '' }
  if (error instanceof Idle) return { code: EXIT.idle, message: error.message }
  if (error instanceof BridgeAway) return { code: EXIT.lost, message: error.message }
  if (!(error instanceof ClientError)) return undefined
  return { code: codeOf(error), message: adviceOf(error) }
}

function codeOf(error: ClientError): number {
  if (error instanceof RunNotFoundError || error instanceof RunExpiredError) return EXIT.notFound
  if (error instanceof AuthError) return EXIT.notAllowed
  const lost = [StreamLostError, UnreachableError, ProtocolError]
  if (lost.some((one) => error instanceof one)) return EXIT.lost
  if (!(error instanceof HttpError)) return EXIT.failed
  if (error.status === 404) return EXIT.notFound
  return error.status === 400 ? EXIT.usage : EXIT.failed
}

function adviceOf(error: ClientError): string {
  const { message } = error
  if (error instanceof RunExpiredError)
    return `${message} A bridge keeps ended runs for some minutes.`
  if (error instanceof AuthError && error.status === 401) {
    return `${message} Set SPANCAST_TOKEN, or name a file that holds it with --token-file.`
  }
  if (error instanceof StreamLostError && error.cause instanceof Error) {
    return `${message} The last try: ${error.cause.message}`
  }
  return message
}
