import {
  JsonLogsSerializer,
  JsonTraceSerializer,
  ProtobufLogsSerializer,
  ProtobufTraceSerializer,
} from '@opentelemetry/otlp-transformer'
import { PbfReader } from 'pbf'
import { expect, test } from 'vitest'
import { encodePartialSuccess, encodeStatus, encodeSuccess } from './encode-status.ts'
import { encodingOf } from './otlp-encoding.ts'

test('a success says nothing, in the encoding of the request', () => {
  expect(encodeSuccess('json')).toEqual({
    contentType: 'application/json',
    body: Buffer.from('{}'),
  })
  expect(encodeSuccess('protobuf')).toEqual({
    contentType: 'application/x-protobuf',
    body: Buffer.alloc(0),
  })
})

test('a partial success is what OpenTelemetry JS understands', () => {
  const json = encodePartialSuccess('json', 'traces', 2, 'bad ids')
  const protobuf = encodePartialSuccess('protobuf', 'traces', 2, 'bad ids')

  expect(JSON.parse(String(json.body))).toEqual({
    partialSuccess: { rejectedSpans: '2', errorMessage: 'bad ids' },
  })
  expect(JsonTraceSerializer.deserializeResponse(json.body).partialSuccess).toMatchObject({
    errorMessage: 'bad ids',
  })
  expect(ProtobufTraceSerializer.deserializeResponse(protobuf.body)).toMatchObject({
    partialSuccess: { rejectedSpans: 2, errorMessage: 'bad ids' },
  })
})

test('rejected log records have a field of their own', () => {
  const json = encodePartialSuccess('json', 'logs', 3, 'no')
  const protobuf = encodePartialSuccess('protobuf', 'logs', 3, 'no')

  expect(JsonLogsSerializer.deserializeResponse(json.body).partialSuccess).toMatchObject({
    rejectedLogRecords: '3',
  })
  expect(ProtobufLogsSerializer.deserializeResponse(protobuf.body)).toMatchObject({
    partialSuccess: { rejectedLogRecords: 3, errorMessage: 'no' },
  })
})

test('a refusal is a google.rpc.Status with a code and a message', () => {
  const message = 'Expected less \u{20000}.'

  const json = encodeStatus('json', 413, message)
  const protobuf = new PbfReader(encodeStatus('protobuf', 503, message).body)
  const fields: unknown[] = protobuf.readFields<unknown[]>((tag, list, pbf) => {
    list.push(tag === 1 ? pbf.readVarint() : Buffer.from(pbf.readBytes()).toString())
  }, [])

  expect(JSON.parse(String(json.body))).toEqual({ code: 8, message })
  expect(fields).toEqual([14, message])
})

test.each([
  ['application/x-protobuf', 'protobuf'],
  ['Application/JSON; charset=utf-8', 'json'],
  ['text/plain', undefined],
  ['application/jsonp', undefined],
  [undefined, undefined],
])('a body of type %s is in %s', (type, encoding) => {
  expect(encodingOf(type)).toBe(encoding)
})
