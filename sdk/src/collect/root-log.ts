import { BoundedMap } from './bounded-map.ts'
import type { OtherSpan } from './collected-span.ts'

const MAX_TRACES = 50_000

/** Roots that have ended in traces that have no run, in case one begins there yet. */
export class RootLog {
  readonly #ended = new BoundedMap<string, OtherSpan>(MAX_TRACES)

  add({ traceId, spanId, parentSpanId, local, startMs, endMs }: OtherSpan): void {
    const earlier = this.#ended.get(traceId)
    // The root of the whole trace says more than that of a part.
    if (earlier !== undefined && earlier.parentSpanId === undefined) return
    this.#ended.set(traceId, { traceId, spanId, parentSpanId, local, startMs, endMs })
  }

  /** The root that has ended in this trace, once. */
  take(traceId: string): OtherSpan | undefined {
    const ended = this.#ended.get(traceId)
    if (ended !== undefined) this.#ended.delete(traceId)
    return ended
  }
}
