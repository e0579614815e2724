import { hexId } from './hex-id.ts'
import { type JsonRecord, listOf, recordOf, textOf } from './json-fields.ts'
import { parseJson } from './json-text.ts'
import { JsonValueReader } from './json-value.ts'
import type { DecodedLogs, OtlpLogRecord } from './log-record.ts'
import { MalformedBody } from './malformed-body.ts'
import { isNone, msOf, timeOfJson } from './nano-time.ts'

/** @throws MalformedBody */
export function decodeJsonLogs(body: Buffer, key: string): DecodedLogs {
  const request = recordOf(parseJson(body), 'request')
  if (request === undefined) throw new MalformedBody('no request')
  const values = new JsonValueReader()
  const records: OtlpLogRecord[] = []
  let others = 0
  for (const record of recordsOf(request)) {
    const decoded = recordFrom(record, values)
    if (Object.hasOwn(decoded.attributes, key)) records.push(decoded)
    else others++
  }
  return { records, others, cut: values.cut }
}

function* recordsOf(request: JsonRecord): Generator<JsonRecord> {
  for (const group of listOf(request.resourceLogs, 'resourceLogs')) {
    for (const scoped of listOf(recordOf(group, 'resourceLogs')?.scopeLogs, 'scopeLogs')) {
      for (const record of listOf(recordOf(scoped, 'scopeLogs')?.logRecords, 'logRecords')) {
        yield recordOf(record, 'logRecords') ?? {}
      }
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
