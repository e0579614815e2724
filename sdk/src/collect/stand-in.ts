import { anyDialect } from '../dialect/classify.ts'
import type { SpanRole } from '../dialect/span-facts.ts'
import { SpanRecord } from '../run/span-record.ts'
import type { CollectedRun } from './collected-run.ts'
import type { LinkEvent } from './collected-span.ts'
import { nameOfStart } from './link-event.ts'

/** The record of a span of which only its start event is known, built elsewhere. */
export function standIn(
  { run }: CollectedRun,
  parent: SpanRecord | undefined,
  role: SpanRole,
  event: LinkEvent,
): SpanRecord {
  const { traceId, spanId, nodeId, namespace, timestamp } = event
  const isNode = role !== 'tool' && role !== 'llm'
  return new SpanRecord(run, parent, {
    traceId,
    spanId,
    is: {
      dialect: anyDialect,
      role,
      name: nameOfStart(event),
      // A node that goes by its span id was given no other.
      nodeId: isNode && nodeId !== spanId ? nodeId : undefined,
      namespace,
    },
    timestamp,
    input: undefined,
    own: false,
    root: false,
  })
}
