import { JsonLogsSerializer, ProtobufLogsSerializer } from '@opentelemetry/otlp-transformer'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { decodeLogs } from './decode-logs.ts'
import type { DecodedLogs } from './log-record.ts'
import { MalformedBody } from './malformed-body.ts'
import type { OtlpEncoding } from './otlp-encoding.ts'
import { atOnce } from './testing/at-once.ts'
import { brokenBody, FUZZ_RUNS } from './testing/mutate.ts'

type ReadableLogRecord = Parameters<typeof ProtobufLogsSerializer.serializeRequest>[0][number]

const ENCODINGS: readonly OtlpEncoding[] = ['protobuf', 'json']
const KEY = 'spancast.event'
const TRACE = '0af7651916cd43dd8448eb211c80319c'
const SPAN = 'b7ad6b7169203331'
const LINKED = makeRecord({
  eventName: 'agent.chunk',
  attributes: {
    'spancast.run.id': 'run_12345678',
    'spancast.source.seq': 7,
    [KEY]: '{"delta":"é"}',
  },
})

function read(body: Buffer, encoding: OtlpEncoding): DecodedLogs {
  return atOnce(decodeLogs(body, encoding, KEY))
}

describe.each(ENCODINGS)('in %s', (encoding) => {
  test('a record with the attribute comes out as it went in', () => {
    const { records, others } = read(logsRequest(encoding, [LINKED]), encoding)

    expect(records).toEqual([
      {
        eventName: 'agent.chunk',
        traceId: TRACE,
        spanId: SPAN,
        timeMs: 1_790_000_000_000 + 123.456789,
        attributes: {
          'spancast.run.id': 'run_12345678',
          'spancast.source.seq': 7,
          'spancast.event': '{"delta":"é"}',
        },
      },
    ])
    expect(others).toBe(0)
  })

  test('records without it are counted', () => {
    const foreign = makeRecord({ attributes: { 'spancast.events': 1, note: KEY } })

    const { records, others } = read(
      logsRequest(encoding, [foreign, LINKED, makeRecord({})]),
      encoding,
    )

    expect(records.map((record) => record.eventName)).toEqual(['agent.chunk'])
    expect(others).toBe(2)
  })

  test('a record without a time is of the time at which it was observed', () => {
    const body = logsRequest(encoding, [
      makeRecord({ attributes: { [KEY]: '{}' }, hrTime: [0, 0], hrTimeObserved: [5, 500_000] }),
    ])

    expect(read(body, encoding).records[0]?.timeMs).toBe(5000.5)
  })

  test('a record without a span has no ids', () => {
    const body = logsRequest(encoding, [makeRecord({ attributes: { [KEY]: '{}' }, noSpan: true })])

    expect(read(body, encoding).records[0]).toMatchObject({
      traceId: undefined,
      spanId: undefined,
    })
  })

  test('a request of many records is read in pieces', () => {
    const note = 'x'.repeat(200)
    const records = Array.from({ length: 2000 }, () => makeRecord({ attributes: { note } }))
    const reading = decodeLogs(logsRequest(encoding, [...records, LINKED]), encoding, KEY)
    let pauses = 0
    let step = reading.next()
    for (; step.done !== true; step = reading.next()) pauses++

    expect(pauses).toBeGreaterThanOrEqual(7)
    expect(step.value.others).toBe(2000)
    expect(step.value.records).toHaveLength(1)
  })

  test('whatever is wrong with a body, it is decoded or malformed', () => {
    const bodies = [logsRequest(encoding, [LINKED, makeRecord({ attributes: { list: [1, 'a'] } })])]

    fc.assert(
      fc.property(brokenBody(bodies), (body) => {
        try {
          read(body, encoding)
        } catch (error) {
          expect(error).toBeInstanceOf(MalformedBody)
        }
      }),
      { numRuns: FUZZ_RUNS },
    )
  }, 600_000)
})

test('a large body of JSON says what a small one says, well-formed or not', () => {
  const whole = logsRequest('json', [LINKED, makeRecord({ attributes: { list: [1, 'a'] } })])
  // Space after it makes a body large and changes nothing.
  const large = (body: Buffer): Buffer => Buffer.concat([body, Buffer.alloc(300 * 1024, ' ')])
  const outcome = (body: Buffer): unknown => {
    try {
      return read(body, 'json')
    } catch (error) {
      if (error instanceof MalformedBody) return 'malformed'
      throw error
    }
  }

  expect(outcome(large(whole))).toEqual(outcome(whole))
  expect(outcome(whole)).not.toBe('malformed')
  fc.assert(
    fc.property(brokenBody([whole]), (body) => {
      expect(outcome(large(body))).toEqual(outcome(body))
    }),
    { numRuns: Math.ceil(FUZZ_RUNS / 5) },
  )
}, 600_000)

interface RecordSpec {
  readonly eventName?: string
  readonly attributes?: Record<string, unknown>
  readonly hrTime?: [number, number]
  readonly hrTimeObserved?: [number, number]
  readonly noSpan?: boolean
}

function makeRecord(spec: RecordSpec): ReadableLogRecord {
  const record = {
    hrTime: spec.hrTime ?? [1_790_000_000, 123_456_789],
    hrTimeObserved: spec.hrTimeObserved ?? [1_790_000_001, 0],
    ...(spec.noSpan === true
      ? {}
      : { spanContext: { traceId: TRACE, spanId: SPAN, traceFlags: 1 } }),
    severityNumber: 9,
    body: 'a text',
    eventName: spec.eventName,
    resource: { attributes: { 'service.name': 'shop' } },
    instrumentationScope: { name: 'test' },
    attributes: spec.attributes ?? {},
    droppedAttributesCount: 0,
  }
  // A resource has more to it, but nothing that a serializer reads.
  return record as unknown as ReadableLogRecord
}

function logsRequest(encoding: OtlpEncoding, records: ReadableLogRecord[]): Buffer {
  const serializer = encoding === 'json' ? JsonLogsSerializer : ProtobufLogsSerializer
  const bytes = serializer.serializeRequest(records)
  if (bytes === undefined) throw new Error('The serializer failed.')
  return Buffer.from(bytes)
}
