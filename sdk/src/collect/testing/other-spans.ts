import type { OtherSpan } from '../collected-span.ts'
import { type OtherSpans, SPAN_WORDS, writeIds } from '../other-spans.ts'

/** Other spans, of objects that are there already. */
export function otherSpans(list: readonly OtherSpan[]): OtherSpans {
  const ids = new Uint32Array(list.length * SPAN_WORDS)
  for (const [index, span] of list.entries()) writeIds(span, ids, index * SPAN_WORDS)
  const at = (index: number): OtherSpan => {
    const span = list[index]
    if (span === undefined) throw new RangeError(`no span ${index}`)
    return span
  }
  return {
    size: list.length,
    ids,
    roots: list.flatMap(({ local }, index) => (local ? [index] : [])),
    startMs: (index) => at(index).startMs,
    endMs: (index) => at(index).endMs,
    span: at,
  }
}
