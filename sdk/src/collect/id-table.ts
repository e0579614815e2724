const SMALLEST_ROWS = 256

/**
 * Numbers by ids that are numbers too: what a map from text to objects would be, at a fraction of its memory and
 * without any work for the garbage collector. Rows beyond what it holds push out the oldest.
 */
export class IdTable {
  readonly #keyWords: number
  readonly #rowWords: number
  readonly #capacity: number
  // Two generations in place of one order: forgetting costs nothing, and at least `capacity` are kept.
  #young: Generation
  #old: Generation | undefined

  /**
   * @param keyWords - Numbers of 32 bits that a row begins with, and goes by.
   * @param rowWords - All numbers of a row.
   * @param capacity - Newest rows that are kept at least; up to twice as many are. A whole number from 1 up. A row
   * whose key was set before counts once more.
   */
  constructor(keyWords: number, rowWords: number, capacity: number) {
    this.#keyWords = keyWords
    this.#rowWords = rowWords
    this.#capacity = capacity
    this.#young = new Generation(keyWords, rowWords)
  }

  /** Rows that are kept, older ones of the same key among them. */
  get size(): number {
    return this.#young.size + (this.#old?.size ?? 0)
  }

  /** Sets the row that stands in `words` from `at` on. */
  set(words: Uint32Array, at: number): void {
    this.#young.set(words, at)
    if (this.#young.size <= this.#capacity) return
    this.#old = this.#young
    this.#young = new Generation(this.#keyWords, this.#rowWords, this.#capacity + 1)
  }

  /** Completes the row whose key stands in `words` from `at` on. @returns whether there is one. */
  get(words: Uint32Array, at: number): boolean {
    return this.#young.get(words, at) || this.#old?.get(words, at) === true
  }
}

/**
 * Rows behind each other, and an open table of where the newest of each key stands. That is made when somebody asks:
 * most rows push each other out unasked, and each place in the table is one that no cache has.
 */
class Generation {
  readonly #keyWords: number
  readonly #rowWords: number
  // Secret factors: who sends ids cannot make them fall on one slot.
  readonly #factors: Uint32Array
  #rows: Uint32Array
  /** The number of a row from 1 up; 0 is free. Never more than half full. */
  #slots: Int32Array
  /** Rows that the table knows. */
  #known = 0
  size = 0

  constructor(keyWords: number, rowWords: number, rows: number = SMALLEST_ROWS) {
    this.#keyWords = keyWords
    this.#rowWords = rowWords
    this.#factors = crypto.getRandomValues(new Uint32Array(keyWords)).map((factor) => factor | 1)
    this.#rows = new Uint32Array(rows * rowWords)
    this.#slots = new Int32Array(slotsFor(SMALLEST_ROWS))
  }

  set(words: Uint32Array, at: number): void {
    const rowWords = this.#rowWords
    const to = this.size++ * rowWords
    if (to === this.#rows.length) this.#growRows()
    const rows = this.#rows
    for (let i = 0; i < rowWords; i++) rows[to + i] = words[at + i] as number
  }

  get(words: Uint32Array, at: number): boolean {
    if (this.#known < this.size) this.#index()
    const row = (this.#slots[this.#slotOf(words, at)] as number) - 1
    if (row < 0) return false
    const rowWords = this.#rowWords
    const from = row * rowWords
    for (let i = this.#keyWords; i < rowWords; i++) words[at + i] = this.#rows[from + i] as number
    return true
  }

  /** Where the key stands, or is to stand. */
  #slotOf(words: Uint32Array, at: number): number {
    const slots = this.#slots
    const mask = slots.length - 1
    let slot = this.#hash(words, at) & mask
    for (let row = slots[slot] as number; row !== 0; row = slots[slot] as number) {
      if (this.#isKey(row - 1, words, at)) return slot
      slot = (slot + 1) & mask
    }
    return slot
  }

  #isKey(row: number, words: Uint32Array, at: number): boolean {
    const from = row * this.#rowWords
    for (let i = 0; i < this.#keyWords; i++) {
      if (this.#rows[from + i] !== words[at + i]) return false
    }
    return true
  }

  #hash(words: Uint32Array, at: number): number {
    let hash = 0
    for (let i = 0; i < this.#keyWords; i++) {
      hash = (hash + Math.imul(words[at + i] as number, this.#factors[i] as number)) | 0
      hash ^= hash >>> 15
    }
    return hash
  }

  #growRows(): void {
    const larger = new Uint32Array(this.#rows.length * 2)
    larger.set(this.#rows)
    this.#rows = larger
  }

  /** Puts the rows in the table that it does not know yet. */
  #index(): void {
    if (this.size * 2 > this.#slots.length) {
      this.#slots = new Int32Array(slotsFor(this.size))
      this.#known = 0
    }
    for (; this.#known < this.size; this.#known++) {
      const slot = this.#slotOf(this.#rows, this.#known * this.#rowWords)
      this.#slots[slot] = this.#known + 1
    }
  }
}

function slotsFor(rows: number): number {
  let slots = 2
  while (slots < rows * 2) slots *= 2
  return slots
}
