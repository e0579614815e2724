import type { OtherSpan } from './collected-span.ts'
import { writeWords } from './id-words.ts'

/** Numbers that place one span: its trace id (4), its own (2), and its parent's (2; zeros if it has none). */
export const SPAN_WORDS = 8
/** How many of them are its trace id. */
export const TRACE_WORDS = 4

/** Spans that concern no agent: no text and no object is made of those that nobody asks for. */
export interface OtherSpans {
  readonly size: number
  /** `SPAN_WORDS` numbers for each. */
  readonly ids: Uint32Array
  /** Those whose process began with them. Each is valid while the request is taken. */
  readonly roots: readonly OtherSpan[]
}

export const NO_OTHERS: OtherSpans = { size: 0, ids: new Uint32Array(0), roots: [] }

/** The same, of spans that are objects already. */
export function otherSpans(list: readonly OtherSpan[]): OtherSpans {
  const ids = new Uint32Array(list.length * SPAN_WORDS)
  for (const [index, span] of list.entries()) writeIds(span, ids, index * SPAN_WORDS)
  return { size: list.length, ids, roots: list.filter(({ local }) => local) }
}

/** Writes the ids of a span, `SPAN_WORDS` numbers from `at` on. */
export function writeIds(
  { traceId, spanId, parentSpanId }: Pick<OtherSpan, 'traceId' | 'spanId' | 'parentSpanId'>,
  into: Uint32Array,
  at: number,
): void {
  writeWords(traceId, into, at)
  writeWords(spanId, into, at + TRACE_WORDS)
  if (parentSpanId === undefined) into.fill(0, at + 6, at + SPAN_WORDS)
  else writeWords(parentSpanId, into, at + 6)
}
