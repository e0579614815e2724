import type { RunState } from './run-state.ts'
import type { SpanState } from './span-state.ts'

type Spoken = Pick<RunState, 'spans' | 'textIds'>

/** What a run has streamed as text: each span's own words, in the order in which the spans began to speak. */
export function runText(state: Spoken): string {
  let all = ''
  for (const spanId of state.textIds) {
    const own = ownText(state, spanId)
    if (own !== '' && all !== '' && !all.endsWith('\n')) all += '\n'
    all += own
  }
  return all
}

/** What a span has streamed as text, less what it only passed on of the spans below it: a model's words, by its agent. */
export function ownText({ spans, textIds }: Spoken, spanId: string): string {
  const span = spans.get(spanId)
  if (span === undefined || span.childIds.length === 0) return span?.text ?? ''
  let below = ''
  const spoken: (readonly [start: number, end: number])[] = []
  for (const other of textIds) {
    const one = other === spanId ? undefined : spans.get(other)
    if (one === undefined || !isBelow({ spans }, one, spanId)) continue
    spoken.push([below.length, below.length + one.text.length])
    below += one.text
  }
  let passedOn = 0
  for (const [start, end] of spoken) {
    const length = commonLength(span.text, below, start)
    // Two texts that happen to begin alike are two texts.
    if (length === span.text.length || start + length >= end) passedOn = Math.max(passedOn, length)
  }
  return span.text.slice(passedOn)
}

/** How many characters of `text` stand in `other` from `start` on. */
function commonLength(text: string, other: string, start: number): number {
  if (other.startsWith(text, start)) return text.length
  let length = 0
  while (text[length] === other[start + length]) length++
  return length
}

function isBelow({ spans }: Pick<RunState, 'spans'>, span: SpanState, spanId: string): boolean {
  let above = span.parentSpanId
  // What claims to be its own ancestor ends here too.
  for (let hops = 0; above !== undefined && hops < spans.size; hops++) {
    if (above === spanId) return true
    above = spans.get(above)?.parentSpanId
  }
  return false
}
