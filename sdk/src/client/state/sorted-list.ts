interface Backing<T> {
  readonly keys: number[]
  readonly items: T[]
}

/**
 * A list that never changes, sorted by a number that goes with each item. What is added at its end takes no copy:
 * lists share their memory with those that they came from, and each sees its own part of it.
 */
export class SortedList<T> implements Iterable<T> {
  readonly length: number
  readonly #backing: Backing<T>
  readonly #start: number

  private constructor(backing: Backing<T>, start: number, length: number) {
    this.#backing = backing
    this.#start = start
    this.length = length
  }

  static of<T>(): SortedList<T> {
    return new SortedList<T>({ keys: [], items: [] }, 0, 0)
  }

  /** The item at `index`; a negative one counts from the end. */
  at(index: number): T | undefined {
    const at = index < 0 ? this.length + index : index
    return at >= 0 && at < this.length ? this.#backing.items[this.#start + at] : undefined
  }

  /** Index of the first item whose number is `key` or above; `length` if there is none. */
  indexFrom(key: number): number {
    let low = 0
    let high = this.length
    while (low < high) {
      const middle = (low + high) >>> 1
      if (this.#key(middle) < key) low = middle + 1
      else high = middle
    }
    return low
  }

  /** Whether there is an item with that number. */
  has(key: number): boolean {
    return this.length > 0 && key <= this.lastKey && this.#key(this.indexFrom(key)) === key
  }

  /** The highest number, 0 if there is none. */
  get lastKey(): number {
    return this.length === 0 ? 0 : this.#key(this.length - 1)
  }

  /** The items from `from` on, up to but without `to`. */
  slice(from = 0, to: number = this.length): T[] {
    const start = this.#start + Math.max(0, from)
    return this.#backing.items.slice(start, this.#start + Math.min(to, this.length))
  }

  /** This list and one item more. */
  insert(key: number, item: T): SortedList<T> {
    const { keys, items } = this.#backing
    const isLast = this.length === 0 || key >= this.lastKey
    // Somebody else may have gone on from the same list: then the place is taken.
    if (isLast && this.length > 0 && items.length === this.#start + this.length) {
      keys.push(key)
      items.push(item)
      return new SortedList(this.#backing, this.#start, this.length + 1)
    }
    const at = isLast ? this.length : this.indexFrom(key)
    const copy = this.#copy()
    copy.keys.splice(at, 0, key)
    copy.items.splice(at, 0, item)
    return new SortedList(copy, 0, this.length + 1)
  }

  /** This list without the first item of that number. */
  without(key: number): SortedList<T> {
    const at = this.indexFrom(key)
    if (at === this.length || this.#key(at) !== key) return this
    const copy = this.#copy()
    copy.keys.splice(at, 1)
    copy.items.splice(at, 1)
    return new SortedList(copy, 0, this.length - 1)
  }

  /** At most the last `count` items. */
  last(count: number): SortedList<T> {
    const excess = this.length - count
    if (excess <= 0) return this
    const list = new SortedList(this.#backing, this.#start + excess, count)
    // What is before the start is held by this list alone once nobody reads older ones.
    return list.#start < count ? list : new SortedList(list.#copy(), 0, count)
  }

  [Symbol.iterator](): ArrayIterator<T> {
    return this.slice()[Symbol.iterator]()
  }

  #key(index: number): number {
    return this.#backing.keys[this.#start + index] ?? Number.POSITIVE_INFINITY
  }

  #copy(): Backing<T> {
    const end = this.#start + this.length
    return {
      keys: this.#backing.keys.slice(this.#start, end),
      items: this.#backing.items.slice(this.#start, end),
    }
  }
}
