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
  readonly #ids = new Uint32Array(SPAN_WORDS)
  readonly #row = new Uint32Array(ROW_WORDS)
  readonly #times = new Float64Array(this.#row.buffer)
  /** The trace that was asked for last, unless a root has come since. */
  #taken: string | undefined

  /**
   * @param ids - Its ids, `SPAN_WORDS` numbers from `at` on.
   * @param startMs - Since the Unix epoch, like its end.
   */
  add(ids: Uint32Array, at: number, startMs: number, endMs: number): void {
    const row = this.#row
    this.#taken = undefined
    for (let i = 0; i < TRACE_WORDS; i++) row[i] = ids[at + i] as number
    // The root of the whole trace says more than that of a part.
    if (this.#find() && this.#isZero(PARENT_AT)) return
    for (let i = TRACE_WORDS; i < SPAN_WORDS; i++) row[i] = ids[at + i] as number
    this.#times[START] = startMs
    this.#times[START + 1] = endMs
    this.#ended.set(row, 0)
  }

  /** The same for a span whose ids are text. */
  addSpan(span: OtherSpan): void {
    writeIds(span, this.#ids, 0)
    this.add(this.#ids, 0, span.startMs, span.endMs)
  }

  /** Whether a root has ended in this trace. */
  has(traceId: string): boolean {
    writeWords(traceId, this.#row, 0)
    return this.#find()
  }

  /** The root that has ended in this trace, once. */
  take(traceId: string): OtherSpan | undefined {
    // Spans of one trace come together.
    if (traceId === this.#taken) return undefined
    this.#taken = traceId
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
