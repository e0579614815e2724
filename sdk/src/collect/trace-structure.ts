import { BoundedMap } from './bounded-map.ts'
import type { SpanPlace } from './collected-span.ts'

// Spans of all kinds pass here: what hangs below an HTTP call is found through it.
const MAX_SPANS = 100_000
// No tree of calls is as deep; a ring of parents would be.
const MAX_DEPTH = 512
const NONE = ''

/** Who hangs below whom among the spans that have no events. */
export class TraceStructure {
  readonly #parents = new BoundedMap<string, string>(MAX_SPANS)

  /** Spans that are kept. */
  get size(): number {
    return this.#parents.size
  }

  add({ traceId, spanId, parentSpanId }: Omit<SpanPlace, 'local' | 'startMs' | 'endMs'>): void {
    this.#parents.set(traceId + spanId, parentSpanId ?? NONE)
  }

  /**
   * Walks up from `spanId` until `found` gives something.
   *
   * @returns what it gave; else where the walk ended: at a span that is not known yet, or above a root.
   */
  climb<Found>(
    traceId: string,
    spanId: string | undefined,
    found: (spanId: string) => Found | undefined,
  ): { readonly found: Found | undefined; readonly missing: string | undefined } {
    let at = spanId
    for (let depth = 0; at !== undefined && at !== NONE && depth < MAX_DEPTH; depth++) {
      const here = found(at)
      if (here !== undefined) return { found: here, missing: undefined }
      const above = this.#parents.get(traceId + at)
      if (above === undefined) return { found: undefined, missing: at }
      at = above
    }
    return { found: undefined, missing: undefined }
  }
}
