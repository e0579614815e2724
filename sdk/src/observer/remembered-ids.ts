/** The newest ids of a bounded number, so that a run that was here can be told from one that never was. */
export class RememberedIds {
  readonly #capacity: number
  /** Each id's place in `#order`. */
  readonly #places = new Map<string, number>()
  readonly #order: string[] = []
  #next = 0

  /** @param capacity - Ids remembered: a whole number from 1 up. */
  constructor(capacity: number) {
    this.#capacity = capacity
  }

  add(id: string): void {
    const forgotten = this.#order[this.#next]
    // An id that was added again since has another place by now.
    if (forgotten !== undefined && this.#places.get(forgotten) === this.#next) {
      this.#places.delete(forgotten)
    }
    this.#order[this.#next] = id
    this.#places.set(id, this.#next)
    this.#next = (this.#next + 1) % this.#capacity
  }

  has(id: string): boolean {
    return this.#places.has(id)
  }

  delete(id: string): void {
    this.#places.delete(id)
  }
}
