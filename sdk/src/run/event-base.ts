import type { EventBase } from '../event/agent-event.ts'
import type { SpanRecord } from './span-record.ts'

/** Bytes of a name; longer ones are cut. */
export const MAX_NAME_BYTES = 256

/** What every event of a span says. */
export function baseOf(span: SpanRecord, seq: number, timestamp: number): EventBase {
  const { effectiveNamespace: namespace, parentSpanId } = span
  return {
    seq,
    randomId: span.run.observer.randomId,
    nodeId: span.nodeId,
    timestamp,
    traceId: span.traceId,
    spanId: span.spanId,
    ...(parentSpanId !== undefined && { parentSpanId }),
    ...(namespace !== undefined && { namespace }),
  }
}
