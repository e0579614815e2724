import type { FeedEntry } from '../run-store.ts'

/** One half of a window, in order of `seq`: what is oldest goes first. */
class Shelf {
  #entries: FeedEntry[] = []
  #head = 0

  push(entry: FeedEntry): void {
    this.#entries.push(entry)
  }

  /** Lets go of what is below `first`. */
  trim(first: number): void {
    const entries = this.#entries
    while (this.#head < entries.length && (entries[this.#head]?.seq ?? first) < first) this.#head++
    if (this.#head < 64 || this.#head * 2 < entries.length) return
    this.#entries = entries.slice(this.#head)
    this.#head = 0
  }

  at(index: number): FeedEntry | undefined {
    return this.#entries[index]
  }

  indexAfter(seq: number): number {
    let low = this.#head
    let high = this.#entries.length
    while (low < high) {
      const middle = (low + high) >>> 1
      const entry = this.#entries[middle]
      if (entry !== undefined && entry.seq <= seq) low = middle + 1
      else high = middle
    }
    return low
  }
}

/** What is kept of one run, as its writer keeps it: events, and chunks beside them. */
export class RunWindow {
  lastSeq = 0
  /** The newest that is gone. */
  #lostTo = 0
  readonly #events: Shelf = new Shelf()
  readonly #chunks: Shelf = new Shelf()

  /** Entries come in order of `seq`, each once. */
  append(entry: FeedEntry, chunk: boolean): void {
    this.lastSeq = entry.seq
    const shelf = chunk ? this.#chunks : this.#events
    shelf.push(entry)
  }

  /** What the writer keeps no longer: events and chunks below these; `lostTo` is the newest that it has let go. */
  trim(firstEvent: number, firstChunk: number, lostTo: number): void {
    this.#events.trim(firstEvent)
    this.#chunks.trim(firstChunk)
    if (lostTo > this.#lostTo) this.#lostTo = lostTo
  }

  after(after: number, limit: number = Number.POSITIVE_INFINITY): FeedEntry[] {
    const found: FeedEntry[] = []
    let e = this.#events.indexAfter(after)
    let c = this.#chunks.indexAfter(after)
    while (found.length < limit) {
      const event = this.#events.at(e)
      const chunk = this.#chunks.at(c)
      if (event !== undefined && (chunk === undefined || event.seq < chunk.seq)) {
        found.push(event)
        e++
      } else if (chunk !== undefined) {
        found.push(chunk)
        c++
      } else break
    }
    return found
  }

  count(from: number, to: number): number {
    let count = 0
    for (const shelf of [this.#events, this.#chunks]) {
      count += Math.max(0, shelf.indexAfter(to) - shelf.indexAfter(from - 1))
    }
    return count
  }

  gapAfter(after: number): { readonly from: number; readonly to: number } | undefined {
    if (after >= this.#lostTo) return undefined
    let from = after + 1
    while (from <= this.#lostTo && this.count(from, from) === 1) from++
    return from > this.#lostTo ? undefined : { from, to: this.#lostTo }
  }
}
