import type { Entry } from './entry.ts'

/** The newest entries up to a capacity, in order of `seq`. Pushing beyond it drops the oldest. */
export class Ring {
  readonly #capacity: number
  #slots: (Entry | undefined)[] = []
  #head = 0
  #length = 0

  /** @param capacity - Entries kept: a whole number from 1 up. */
  constructor(capacity: number) {
    this.#capacity = capacity
  }

  get length(): number {
    return this.#length
  }

  /** Appends the newest entry. @returns the entry that had to go, if the ring was full. */
  push(entry: Entry): Entry | undefined {
    const evicted = this.#length === this.#capacity ? this.shift() : undefined
    const slots = this.#slots
    const at = this.#head + this.#length
    // The array grows with its run, so that a short run costs little.
    if (at === slots.length && at < this.#capacity) slots.push(entry)
    else slots[at % this.#capacity] = entry
    this.#length++
    return evicted
  }

  /** Removes the oldest entry. */
  shift(): Entry | undefined {
    if (this.#length === 0) return undefined
    const entry = this.#slots[this.#head]
    this.#slots[this.#head] = undefined
    this.#length--
    this.#head = this.#length === 0 ? 0 : (this.#head + 1) % this.#capacity
    if (this.#length === 0) this.#slots = []
    return entry
  }

  /** The entry at `index`, counted from the oldest. */
  at(index: number): Entry | undefined {
    return index < 0 || index >= this.#length
      ? undefined
      : this.#slots[(this.#head + index) % this.#capacity]
  }

  /** Index of the first entry whose `seq` is above `seq`; `length` if there is none. */
  indexAfter(seq: number): number {
    let low = 0
    let high = this.#length
    while (low < high) {
      const middle = (low + high) >>> 1
      const entry = this.at(middle)
      if (entry !== undefined && entry.seq <= seq) low = middle + 1
      else high = middle
    }
    return low
  }
}
