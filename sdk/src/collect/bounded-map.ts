/** A map of the newest entries: setting one beyond the capacity forgets the oldest. */
export class BoundedMap<Key, Value> {
  readonly #capacity: number
  // Two generations in place of one order: forgetting costs nothing, and at least `capacity` are kept.
  #young = new Map<Key, Value>()
  #old = new Map<Key, Value>()

  /** @param capacity - Entries that are kept at least; up to twice as many are. A whole number from 1 up. */
  constructor(capacity: number) {
    this.#capacity = capacity
  }

  get(key: Key): Value | undefined {
    return this.#young.get(key) ?? this.#old.get(key)
  }

  set(key: Key, value: Value): void {
    this.#young.set(key, value)
    if (this.#young.size <= this.#capacity) return
    this.#old = this.#young
    this.#young = new Map()
  }

  delete(key: Key): void {
    this.#young.delete(key)
    this.#old.delete(key)
  }
}
