const SMALLEST = 16 * 1024
/** Room that is made at once if so much is announced: what a sender does not send is never touched. */
const MOST_AT_ONCE = 256 * 1024
/** The part of its room that may stay unused in what it hands out. */
const SPARE = 1 / 8

/** Bytes that come in pieces, kept in one: a million pieces of one byte must not cost a million buffers. */
export class GrowingBuffer {
  #bytes: Buffer
  #length = 0
  readonly #most: number

  /** @param expected - Bytes that will come, if it is known: no more room than that is made. */
  constructor(expected: number | undefined) {
    this.#most = expected ?? Number.POSITIVE_INFINITY
    const known = this.#most <= MOST_AT_ONCE
    this.#bytes = Buffer.allocUnsafeSlow(known ? this.#most : SMALLEST)
  }

  get length(): number {
    return this.#length
  }

  append(part: Uint8Array): void {
    const needed = this.#length + part.length
    if (needed > this.#bytes.length) {
      const room = Math.min(Math.max(needed, this.#bytes.length * 2), Math.max(needed, this.#most))
      const larger = Buffer.allocUnsafeSlow(room)
      this.#bytes.copy(larger, 0, 0, this.#length)
      this.#bytes = larger
    }
    this.#bytes.set(part, this.#length)
    this.#length = needed
  }

  /** All of it, in a buffer of about that size. Append nothing after it. */
  take(): Buffer {
    const all = this.#bytes.subarray(0, this.#length)
    if (this.#bytes.length * (1 - SPARE) <= this.#length) return all
    // Not Buffer.from: what that takes from Node's pool would keep all of the pool alive.
    const exact = Buffer.allocUnsafeSlow(this.#length)
    all.copy(exact)
    return exact
  }
}
