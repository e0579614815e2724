import type { SpanPlace } from './collected-span.ts'
import { IdTable } from './id-table.ts'
import { idOfWords, writeWords } from './id-words.ts'
import { type OtherSpans, SPAN_WORDS, TRACE_WORDS, writeIds } from './other-spans.ts'

// Spans of all kinds pass here: what hangs below an HTTP call is found through it.
const MAX_SPANS = 100_000
// No tree of calls is as deep; a ring of parents would be.
const MAX_DEPTH = 512
const KEY_WORDS = 6

/** Who hangs below whom among the spans that have no events. */
export class TraceStructure {
  readonly #parents = new IdTable(KEY_WORDS, SPAN_WORDS, MAX_SPANS)
  readonly #row = new Uint32Array(SPAN_WORDS)

  /** Spans that are kept. */
  get size(): number {
    return this.#parents.size
  }

  add(place: Omit<SpanPlace, 'local' | 'startMs' | 'endMs'>): void {
    writeIds(place, this.#row, 0)
    this.#parents.set(this.#row, 0)
  }

  addAll({ ids, size }: OtherSpans): void {
    for (let i = 0; i < size; i++) this.#parents.set(ids, i * SPAN_WORDS)
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
    for (let depth = 0; at !== undefined && depth < MAX_DEPTH; depth++) {
      const here = found(at)
      if (here !== undefined) return { found: here, missing: undefined }
      if (!this.#findParent(traceId, at)) return { found: undefined, missing: at }
      at = this.#parent()
    }
    return { found: undefined, missing: undefined }
  }

  /** Reads the row of the span. @returns whether it is known. */
  #findParent(traceId: string, spanId: string): boolean {
    writeWords(traceId, this.#row, 0)
    writeWords(spanId, this.#row, TRACE_WORDS)
    return this.#parents.get(this.#row, 0)
  }

  #parent(): string | undefined {
    const isNone = this.#row[KEY_WORDS] === 0 && this.#row[KEY_WORDS + 1] === 0
    return isNone ? undefined : idOfWords(this.#row, KEY_WORDS, SPAN_WORDS - KEY_WORDS)
  }
}
