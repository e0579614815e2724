import type { OtherSpan } from './collected-span.ts'
import { IdTable } from './id-table.ts'
import { idOfWords, writeWords } from './id-words.ts'
import { SPAN_WORDS, TRACE_WORDS, writeIds } from './other-spans.ts'

const MAX_TRACES = 50_000
const SPAN_AT = TRACE_WORDS
const PARENT_AT = 6
/** Its start and its end are two numbers of 64 bits behind its ids. */
const ROW_WORDS = SPAN_WORDS + 4
const START = SPAN_WORDS / 2

/** Roots that have ended in traces that have no run, in case one begins there yet. */
export class RootLog {
  readonly #ended = new IdTable(TRACE_WORDS, ROW_WORDS, MAX_TRACES)
  readonly #row = new Uint32Array(ROW_WORDS)
  readonly #times = new Float64Array(this.#row.buffer)

  add(root: OtherSpan): void {
    writeWords(root.traceId, this.#row, 0)
    // The root of the whole trace says more than that of a part.
    if (this.#find() && this.#isZero(PARENT_AT)) return
    writeIds(root, this.#row, 0)
    this.#times[START] = root.startMs
    this.#times[START + 1] = root.endMs
    this.#ended.set(this.#row, 0)
  }

  /** The root that has ended in this trace, once. */
  take(traceId: string): OtherSpan | undefined {
    writeWords(traceId, this.#row, 0)
    if (!this.#find()) return undefined
    const ended = {
      traceId,
      spanId: idOfWords(this.#row, SPAN_AT, 2),
      parentSpanId: this.#isZero(PARENT_AT) ? undefined : idOfWords(this.#row, PARENT_AT, 2),
      local: true,
      startMs: this.#times[START] ?? 0,
      endMs: this.#times[START + 1] ?? 0,
    }
    // What has no span id was taken.
    this.#row.fill(0, SPAN_AT)
    this.#ended.set(this.#row, 0)
    return ended
  }

  #find(): boolean {
    return this.#ended.get(this.#row, 0) && !this.#isZero(SPAN_AT)
  }

  #isZero(at: number): boolean {
    return this.#row[at] === 0 && this.#row[at + 1] === 0
  }
}
