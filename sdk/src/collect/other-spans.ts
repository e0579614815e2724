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
  /** Which of them their process began with. */
  readonly roots: readonly number[]
  /** Start and end of a span, in milliseconds since the Unix epoch, fractional. */
  startMs(index: number): number
  endMs(index: number): number
  /** All that is known of a span; may be asked for while its request is taken. */
  span(index: number): OtherSpan
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
