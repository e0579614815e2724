// A source that leaves more holes than this is not repaired one by one any more.
const MAX_AHEAD = 10_000

/** Which numbers of one source have come: each counts once, and what is missing is known. */
export class SourceSeqs {
  /** All numbers up to this one have come. */
  #complete = 0
  #highest = 0
  readonly #ahead = new Set<number>()

  /** Numbers below the highest that have not come. */
  get missing(): number {
    return this.#highest - this.#complete - this.#ahead.size
  }

  /** @returns whether it is new. */
  take(seq: number): boolean {
    if (seq <= this.#complete || this.#ahead.has(seq)) return false
    if (seq > this.#highest) this.#highest = seq
    this.#ahead.add(seq)
    this.#close()
    if (this.#ahead.size > MAX_AHEAD) this.#giveUp()
    return true
  }

  /** The source says that it has numbered up to `seq`: what has not come by then is missing. */
  reached(seq: number): void {
    if (seq > this.#highest) this.#highest = seq
  }

  #close(): void {
    while (this.#ahead.delete(this.#complete + 1)) this.#complete++
  }

  #giveUp(): void {
    this.#complete = Math.max(...this.#ahead)
    this.#ahead.clear()
  }
}
