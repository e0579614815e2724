import type { SpanRecord } from '../run/span-record.ts'

// What the ring has forgotten need not find its place any more.
const MAX_WAITING = 5000
const NONE: readonly SpanRecord[] = []

/** Spans of one run that came before an ancestor of theirs. The newest wait; older ones stay where they are. */
export class WaitingSpans {
  // Made with the first: most runs have none.
  #byMissing: Map<string, SpanRecord[]> | undefined
  #size = 0

  get isEmpty(): boolean {
    return this.#size === 0
  }

  add(record: SpanRecord, missing: string): void {
    const key = record.traceId + missing
    this.#byMissing ??= new Map()
    const waiting = this.#byMissing.get(key)
    if (waiting === undefined) this.#byMissing.set(key, [record])
    else waiting.push(record)
    if (++this.#size > 2 * MAX_WAITING) this.#forgetOldest()
  }

  /** Those that wait for this span; they wait no longer. */
  take(traceId: string, spanId: string): readonly SpanRecord[] {
    if (this.#byMissing === undefined || this.#size === 0) return NONE
    const key = traceId + spanId
    const waiting = this.#byMissing.get(key)
    if (waiting === undefined) return NONE
    this.#byMissing.delete(key)
    this.#size -= waiting.length
    return waiting
  }

  #forgetOldest(): void {
    for (const [key, waiting] of this.#byMissing ?? []) {
      if (this.#size <= MAX_WAITING) return
      const dropped = Math.min(waiting.length, this.#size - MAX_WAITING)
      this.#size -= dropped
      if (dropped === waiting.length) this.#byMissing?.delete(key)
      else waiting.splice(0, dropped)
    }
  }
}
