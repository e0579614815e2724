import type { CollectedSpan } from '@spancast/sdk/internal'
import type { SpanDetail, SpanHead } from './otlp-span.ts'
import { errorOf } from './span-error.ts'
import { eventsOf, genaiEvents } from './span-told.ts'

/** A span as it is folded. */
// Field by field: so many are made that copying them with `...` would show.
export function collectedSpan(head: SpanHead, detail: SpanDetail): CollectedSpan {
  const { traceId, spanId, parentSpanId, startMs } = head
  const { name, scope, attributes, durationMs } = detail
  const root = parentSpanId === undefined
  return {
    traceId,
    spanId,
    parentSpanId,
    local: root || head.isRemoteParent,
    startMs,
    endMs: startMs + durationMs,
    facts: { name, scope, attributes, root, events: genaiEvents(detail) },
    error: errorOf(detail),
    events: eventsOf(detail),
  }
}
