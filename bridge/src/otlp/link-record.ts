import {
  isEventType,
  isRandomId,
  LIVE_EVENT,
  type LinkEvent,
  type LinkRecord,
  RUN_CALLED_OUT,
  RUN_ID,
  SOURCE_ID,
  SOURCE_SEQ,
  WIRE_VERSION,
} from '@spancast/sdk/internal'
import type { OtlpLogRecord } from './log-record.ts'

const VERSION = 1
const MAX_SOURCE_ID = 128
const TRACE_ID = /^[0-9a-f]{32}$/
const SPAN_ID = /^[0-9a-f]{16}$/
const MAX_ID = 256

/** The live link's record in a log record; `undefined` if it is none, or not one that is understood. */
export function linkRecordOf({ attributes }: OtlpLogRecord): LinkRecord | undefined {
  const randomId = attributes[RUN_ID]
  const sourceId = attributes[SOURCE_ID]
  const sourceSeq = attributes[SOURCE_SEQ]
  if (attributes[WIRE_VERSION] !== VERSION || !isRandomId(randomId)) return undefined
  if (typeof sourceId !== 'string' || sourceId === '' || sourceId.length > MAX_SOURCE_ID) {
    return undefined
  }
  if (typeof sourceSeq !== 'number' || !Number.isSafeInteger(sourceSeq) || sourceSeq < 0) {
    return undefined
  }
  const text = attributes[LIVE_EVENT]
  if (text === undefined) return { randomId, sourceId, sourceSeq, event: undefined, bytes: 0 }
  if (typeof text !== 'string' || sourceSeq === 0) return undefined
  const event = eventIn(text)
  const calledOut = attributes[RUN_CALLED_OUT] === true
  return event && { randomId, sourceId, sourceSeq, event, bytes: text.length, calledOut }
}

/** The event that a JSON text holds, if what places it in its run is as it must be. */
function eventIn(text: string): LinkEvent | undefined {
  let parsed: unknown
  try {
    parsed = JSON.parse(text)
  } catch {
    return undefined
  }
  if (typeof parsed !== 'object' || parsed === null) return undefined
  const event = parsed as Readonly<Record<string, unknown>>
  const { type, nodeId, timestamp, traceId, spanId, parentSpanId, namespace } = event
  if (!isEventType(type)) return undefined
  if (typeof nodeId !== 'string' || nodeId.length > MAX_ID) return undefined
  if (typeof timestamp !== 'number' || !Number.isFinite(timestamp)) return undefined
  if (typeof traceId !== 'string' || !TRACE_ID.test(traceId)) return undefined
  if (typeof spanId !== 'string' || !SPAN_ID.test(spanId)) return undefined
  if (
    parentSpanId !== undefined &&
    !(typeof parentSpanId === 'string' && SPAN_ID.test(parentSpanId))
  ) {
    return undefined
  }
  if (namespace !== undefined && !(typeof namespace === 'string' && namespace.length <= MAX_ID)) {
    return undefined
  }
  // Each field that LinkEvent names has just been looked at.
  return parsed as LinkEvent
}
