/** A map of the newest entries: setting one beyond what it holds forgets the oldest. */
export class BoundedMap<Key, Value> {
  readonly #capacity: number
  readonly #maxWeight: number
  // Two generations in place of one order: forgetting costs nothing, and at least `capacity` are kept.
  #young = new Map<Key, Value>()
  #old: Map<Key, Value> | undefined
  #weight = 0

  /**
   * @param capacity - Entries that are kept at least; up to twice as many are. A whole number from 1 up.
   * @param maxWeight - What entries may weigh together, by the same measure. Default: whatever they do.
   */
  constructor(capacity: number, maxWeight: number = Number.POSITIVE_INFINITY) {
    this.#capacity = capacity
    this.#maxWeight = maxWeight
  }

  /** Entries that are kept. */
  get size(): number {
    return this.#young.size + (this.#old?.size ?? 0)
  }

  get(key: Key): Value | undefined {
    return this.#young.get(key) ?? this.#old?.get(key)
  }

  set(key: Key, value: Value, weight = 0): void {
    // An older value of the same key must not come back when this one is forgotten.
    this.#old?.delete(key)
    this.#young.set(key, value)
    this.#weight += weight
    if (this.#young.size <= this.#capacity && this.#weight <= this.#maxWeight) return
    this.#old = this.#young
    this.#young = new Map()
    this.#weight = 0
  }

  delete(key: Key): void {
    this.#young.delete(key)
    this.#old?.delete(key)
  }
}
