/** A body that is not what its encoding promises: it can never be decoded, so sending it again is no use (400). */
export class MalformedBody extends Error {
  override readonly name = 'MalformedBody'

  /** @param reason - What is wrong, in a few words. Sent to the client: never content of the body. */
  constructor(reason: string, options?: ErrorOptions) {
    super(`Expected a well-formed OTLP request, got ${reason}.`, options)
  }
}

/** What decoding threw, as a MalformedBody. */
export function malformed(error: unknown): MalformedBody {
  if (error instanceof MalformedBody) return error
  return new MalformedBody('bytes that end too early or cannot be read', { cause: error })
}
