import type { CollectedSpan, OtherSpan } from './collected-span.ts'
import { writeWords } from './id-words.ts'
import { type OtherSpans, SPAN_WORDS, TRACE_WORDS } from './other-spans.ts'

/** Spans of one request that have no parent and concern no agent, by their trace. */
export class WholeRoots {
  readonly #others: OtherSpans
  readonly #trace = new Uint32Array(TRACE_WORDS)
  readonly #unrecognised = new Map<string, CollectedSpan>()

  constructor(others: OtherSpans) {
    this.#others = others
  }

  /** One that might have concerned agents, and does not. */
  add(span: CollectedSpan): void {
    this.#unrecognised.set(span.traceId, span)
  }

  of(traceId: string): OtherSpan | undefined {
    const span = this.#unrecognised.get(traceId)
    if (span !== undefined) {
      return { ...span, told: () => ({ name: span.facts.name, error: span.error }) }
    }
    const { roots } = this.#others
    writeWords(traceId, this.#trace, 0)
    // The last one, should there be several. One after the other: it is asked once for each run that begins.
    for (let i = roots.length - 1; i >= 0; i--) {
      const index = roots[i] as number
      if (this.#isWhole(index * SPAN_WORDS)) return this.#others.span(index)
    }
    return undefined
  }

  /** Whether the span at `at` is of the trace, and has no parent. */
  #isWhole(at: number): boolean {
    const { ids } = this.#others
    for (let i = 0; i < TRACE_WORDS; i++) if (ids[at + i] !== this.#trace[i]) return false
    return ids[at + 6] === 0 && ids[at + 7] === 0
  }
}
