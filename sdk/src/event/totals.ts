import { addUsage, NO_USAGE, type TokenUsage, type Totals } from './usage.ts'

/** Totals of no calls at all. */
export const NO_TOTALS: Totals = Object.freeze({
  tokenUsage: NO_USAGE,
  cost: 0,
  unpricedCalls: 0,
  unmeteredCalls: 0,
})

/** Adds up model calls. A call without usage counts as unmetered, one without cost as unpriced. */
export class TotalsSum {
  #usage: TokenUsage = NO_USAGE
  #cost = 0
  #calls = 0
  #unpriced = 0
  #unmetered = 0

  /** One more call. */
  add(usage: TokenUsage | null, cost: number | null): void {
    this.#calls++
    if (usage === null) this.#unmetered++
    else this.#usage = addUsage(this.#usage, usage)
    if (cost === null) this.#unpriced++
    else this.#cost += cost
  }

  /** All calls of another sum. */
  absorb(other: TotalsSum): void {
    this.#usage = addUsage(this.#usage, other.#usage)
    this.#cost += other.#cost
    this.#calls += other.#calls
    this.#unpriced += other.#unpriced
    this.#unmetered += other.#unmetered
  }

  /** The sums so far. */
  value(): Totals {
    if (this.#calls === 0) return NO_TOTALS
    return {
      tokenUsage: this.#usage,
      cost: this.#unpriced === this.#calls ? null : this.#cost,
      unpricedCalls: this.#unpriced,
      unmeteredCalls: this.#unmetered,
    }
  }
}
