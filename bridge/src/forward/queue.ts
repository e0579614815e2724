/** One accepted request on its way. */
export interface Queued {
  /** Bytes that it counts for. */
  readonly cost: number
  /** Milliseconds since the Unix epoch. */
  readonly acceptedAt: number
}

// A request without a body still takes memory.
const LEAST_COST = 1024

/** What a request of so many bytes counts for. */
export function costOf(bytes: number): number {
  return Math.max(bytes, LEAST_COST)
}

/**
 * Accepted requests until the upstream has taken them, bounded by bytes. A request counts from `admit` to `remove`,
 * wherever it is in between: being stored, waiting, in flight, or resting after a failure.
 */
export class Queue<Item extends Queued> {
  readonly #maxBytes: number
  readonly #all = new Set<Item>()
  #waiting: Item[] = []
  /** Where the next one to take stands in `#waiting`. */
  #next = 0
  #bytes = 0

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes
  }

  /** Bytes counted now. */
  get bytes(): number {
    return this.#bytes
  }

  /** Requests counted now. */
  get size(): number {
    return this.#all.size
  }

  /** Since when the oldest one waits; `undefined` if there is none. */
  get oldestAt(): number | undefined {
    const [oldest] = this.#all
    return oldest?.acceptedAt
  }

  /** Whether a request of this cost would fit. */
  hasRoom(cost: number): boolean {
    return this.#bytes + cost <= this.#maxBytes
  }

  /** Counts a request. It is not handed out before `push`. */
  admit(item: Item): void {
    this.#all.add(item)
    this.#bytes += item.cost
  }

  /** Lets an admitted request be taken, after those that wait already. */
  push(item: Item): void {
    this.#waiting.push(item)
  }

  /** The request that has waited longest. It goes on counting. */
  take(): Item | undefined {
    const item = this.#waiting[this.#next]
    if (item === undefined) return undefined
    this.#next++
    if (this.#next * 2 >= this.#waiting.length) {
      this.#waiting = this.#waiting.slice(this.#next)
      this.#next = 0
    }
    return item
  }

  /** Forgets a request that was taken, or was never pushed. */
  remove(item: Item): void {
    if (this.#all.delete(item)) this.#bytes -= item.cost
  }
}
