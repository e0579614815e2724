import { hexId } from './hex-id.ts'
import { type JsonRecord, listOf, recordOf, textOf } from './json-fields.ts'
import { JsonRequest } from './json-request.ts'
import { JsonValueReader } from './json-value.ts'
import type { DecodedLogs, OtlpLogRecord } from './log-record.ts'
import { isNone, msOf, timeOfJson } from './nano-time.ts'

/**
 * Pauses now and then, if the body is large.
 *
 * @throws MalformedBody
 */
export function* decodeJsonLogs(body: Buffer, key: string): Generator<void, DecodedLogs> {
  const request = yield* JsonRequest.of(body)
  const values = new JsonValueReader()
  const records: OtlpLogRecord[] = []
  let others = 0
  for (const entry of entriesOf(request.fields)) {
    const decoded = recordFrom(request.entry(entry, 'logRecords'), values)
    if (Object.hasOwn(decoded.attributes, key)) records.push(decoded)
    else others++
    if (request.isTime) yield
  }
  yield* request.checkOthers()
  return { records, others, cut: values.cut }
}

function* entriesOf(request: JsonRecord): Generator<unknown> {
  for (const group of listOf(request.resourceLogs, 'resourceLogs')) {
    for (const scoped of listOf(recordOf(group, 'resourceLogs')?.scopeLogs, 'scopeLogs')) {
      yield* listOf(recordOf(scoped, 'scopeLogs')?.logRecords, 'logRecords')
    }
  }
}

function recordFrom(record: JsonRecord, values: JsonValueReader): OtlpLogRecord {
  const time = timeOfJson(record.timeUnixNano)
  const observed = timeOfJson(record.observedTimeUnixNano)
  return {
    eventName: textOf(record.eventName, 'eventName'),
    traceId: hexId(textOf(record.traceId, 'traceId'), 32),
    spanId: hexId(textOf(record.spanId, 'spanId'), 16),
    timeMs: msOf(isNone(time) ? observed : time),
    attributes: values.attributes(record.attributes),
  }
}
