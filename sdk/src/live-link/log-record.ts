import {
  HEARTBEAT,
  LIVE_EVENT,
  RUN_CALLED_OUT,
  RUN_ID,
  SERVICE_NAME,
  SOURCE_ID,
  SOURCE_SEQ,
  WIRE_VERSION,
} from '../attributes.ts'
import type { AgentEvent } from '../event/agent-event.ts'
import { NO_SPAN_ID, NO_TRACE_ID } from '../observer/event-input.ts'
import { SCOPE_NAME, SCOPE_VERSION } from '../version.ts'

/** INFO, as OpenTelemetry numbers it. */
const SEVERITY = 9
const VERSION = 1

/** What all records of one run have in common, as JSON text made once. */
export function runAttributes(randomId: string, sourceId: string): string {
  const attributes = [
    text(RUN_ID, randomId),
    text(SOURCE_ID, sourceId),
    whole(WIRE_VERSION, VERSION),
  ]
  return attributes.join(',')
}

/** That a run which ends has called other processes: an attribute of the record of its end. */
export const CALLED_OUT: string = `{"key":"${RUN_CALLED_OUT}","value":{"boolValue":true}}`

/** An event as an OTLP LogRecord, in JSON. @param json - The event's own text. */
export function eventRecord(
  common: string,
  number: number,
  event: AgentEvent,
  json: string,
): string {
  const traceId = event.traceId === NO_TRACE_ID ? '' : `"traceId":"${event.traceId}",`
  const spanId = event.spanId === NO_SPAN_ID ? '' : `"spanId":"${event.spanId}",`
  const attributes = `${common},${whole(SOURCE_SEQ, number)},${text(LIVE_EVENT, json)}`
  return `{${head(event.type, event.timestamp)},${traceId}${spanId}"attributes":[${attributes}]}`
}

/** Says that a run is alive, and that no number up to `number` is still to come. */
export function heartbeatRecord(common: string, number: number, timestamp: number): string {
  return `{${head(HEARTBEAT, timestamp)},"attributes":[${common},${whole(SOURCE_SEQ, number)}]}`
}

/** The two ends of a request, between which the records stand, divided by commas. */
export function requestFrame(serviceName: string | undefined): { start: string; end: string } {
  const resource =
    serviceName === undefined
      ? ''
      : `"resource":{"attributes":[${text(SERVICE_NAME, serviceName)}]},`
  const scope = JSON.stringify({ name: SCOPE_NAME, version: SCOPE_VERSION })
  return {
    start: `{"resourceLogs":[{${resource}"scopeLogs":[{"scope":${scope},"logRecords":[`,
    end: ']}]}]}',
  }
}

function head(eventName: string, timestamp: number): string {
  return `"timeUnixNano":"${nanosOf(timestamp)}","severityNumber":${SEVERITY},"eventName":${JSON.stringify(eventName)}`
}

/** Digit by digit: as a number, nanoseconds since the epoch are beyond what a double holds exactly. */
function nanosOf(timestamp: number): string {
  if (!(timestamp >= 1)) return '0'
  const ms = Math.floor(timestamp)
  const nanos = Math.min(999_999, Math.round((timestamp - ms) * 1e6))
  return `${ms}${String(nanos).padStart(6, '0')}`
}

function text(key: string, value: string): string {
  return `{"key":"${key}","value":{"stringValue":${JSON.stringify(value)}}}`
}

function whole(key: string, value: number): string {
  return `{"key":"${key}","value":{"intValue":"${value}"}}`
}
