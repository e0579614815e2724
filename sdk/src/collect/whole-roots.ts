import type { CollectedSpan, OtherSpan } from './collected-span.ts'
import { idOfWords } from './id-words.ts'
import { type OtherSpans, SPAN_WORDS, TRACE_WORDS } from './other-spans.ts'

/** Spans of one request that have no parent and concern no agent, by their trace. Put in order when one is asked for. */
export class WholeRoots {
  readonly #others: OtherSpans
  #byTrace: ReadonlyMap<string, number> | undefined
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
    this.#byTrace ??= this.#read()
    const index = this.#byTrace.get(traceId)
    return index === undefined ? undefined : this.#others.span(index)
  }

  #read(): ReadonlyMap<string, number> {
    const byTrace = new Map<string, number>()
    const { ids, roots } = this.#others
    for (const index of roots) {
      const at = index * SPAN_WORDS
      const hasParent = ids[at + 6] !== 0 || ids[at + 7] !== 0
      if (!hasParent) byTrace.set(idOfWords(ids, at, TRACE_WORDS), index)
    }
    return byTrace
  }
}
