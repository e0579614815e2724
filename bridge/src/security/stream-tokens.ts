import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto'
import { SpancastError } from '@spancast/sdk'

/** How long a stream token lasts unless something else is said, in milliseconds: one hour. */
export const STREAM_TOKEN_MS = 3_600_000

export interface StreamToken {
  readonly token: string
  /** Until when it opens a stream, in milliseconds since the Unix epoch. */
  readonly expiresAt: number
}

export type StreamTokenVerdict = 'valid' | 'expired' | 'invalid'

/**
 * Tokens that let one run be read for a while: `<expiry>.<HMAC-SHA256 over the randomId and it>`. Bridges with the
 * same `token` take each other's.
 */
export class StreamTokens {
  readonly #key: Buffer

  /** @param token - The bridge's token, from which the key is derived. Without one the key is random. */
  constructor(token: string | undefined) {
    const secret = token ?? randomBytes(32)
    this.#key = createHmac('sha256', secret).update('spancast stream token 1').digest()
  }

  /**
   * @param expiresInMs - Default one hour.
   * @throws SpancastError `invalid-option` for an `expiresInMs` that is no whole number from 1 up.
   */
  mint(randomId: string, expiresInMs: number = STREAM_TOKEN_MS): StreamToken {
    const expiresAt = Date.now() + expiresInMs
    if (!Number.isSafeInteger(expiresInMs) || expiresInMs < 1 || !Number.isSafeInteger(expiresAt)) {
      throw new SpancastError(
        'invalid-option',
        `Expected \`expiresInMs\` to be milliseconds, a whole number from 1 up, got ${String(expiresInMs)}.`,
      )
    }
    const expiry = expiresAt.toString(36)
    return { token: `${expiry}.${this.#sign(randomId, expiry)}`, expiresAt }
  }

  check(token: string, randomId: string): StreamTokenVerdict {
    const [, expiry, signature] = /^([0-9a-z]{1,11})\.([\w-]{43})$/.exec(token) ?? []
    if (expiry === undefined || signature === undefined) return 'invalid'
    // As text: the last digit has two bits that decoding would let pass whatever they are.
    const given = Buffer.from(signature)
    const expected = Buffer.from(this.#sign(randomId, expiry))
    if (given.length !== expected.length || !timingSafeEqual(given, expected)) return 'invalid'
    return Number.parseInt(expiry, 36) > Date.now() ? 'valid' : 'expired'
  }

  #sign(randomId: string, expiry: string): string {
    return createHmac('sha256', this.#key).update(`${randomId}.${expiry}`).digest('base64url')
  }
}
