import { type Attributes, type HrTime, SpanKind, SpanStatusCode } from '@opentelemetry/api'
import { JsonTraceSerializer, ProtobufTraceSerializer } from '@opentelemetry/otlp-transformer'
import type { OtlpEncoding } from '../otlp-encoding.ts'

type ReadableSpan = Parameters<typeof ProtobufTraceSerializer.serializeRequest>[0][number]

export interface SpanSpec {
  readonly traceId?: string
  readonly spanId?: string
  readonly parentSpanId?: string
  readonly isRemote?: boolean
  readonly name?: string
  readonly startTime?: HrTime
  readonly endTime?: HrTime
  readonly attributes?: Attributes
  readonly error?: string
  readonly scope?: string
  readonly events?: readonly { readonly name: string; readonly attributes?: Attributes }[]
}

let ids = 0

/** A span as OpenTelemetry JS exports it. */
export function makeSpan(spec: SpanSpec = {}): ReadableSpan {
  const traceId = spec.traceId ?? 'a'.repeat(32)
  const spanId = spec.spanId ?? (++ids).toString(16).padStart(16, '0')
  const startTime = spec.startTime ?? [1_790_000_000, 123_456_789]
  const span = {
    name: spec.name ?? 'span',
    kind: SpanKind.INTERNAL,
    spanContext: () => ({ traceId, spanId, traceFlags: 1 }),
    ...(spec.parentSpanId === undefined
      ? {}
      : {
          parentSpanContext: {
            traceId,
            spanId: spec.parentSpanId,
            traceFlags: 1,
            isRemote: spec.isRemote ?? false,
          },
        }),
    startTime,
    endTime: spec.endTime ?? [startTime[0] + 1, startTime[1]],
    status:
      spec.error !== undefined
        ? { code: SpanStatusCode.ERROR, message: spec.error }
        : { code: SpanStatusCode.UNSET },
    attributes: spec.attributes ?? {},
    links: [],
    events: [
      ...(spec.events ?? []).map((event) => ({ attributes: {}, ...event, time: startTime })),
      ...(spec.error === undefined ? [] : [exceptionOf(spec.error, startTime)]),
    ],
    duration: [1, 0],
    ended: true,
    resource: { attributes: { 'service.name': 'shop' } },
    instrumentationScope: { name: spec.scope ?? 'test' },
    droppedAttributesCount: 0,
    droppedEventsCount: 0,
    droppedLinksCount: 0,
  }
  // A resource has more to it, but nothing that a serializer reads.
  return span as unknown as ReadableSpan
}

function exceptionOf(message: string, time: HrTime) {
  const attributes = { 'exception.type': 'Error', 'exception.message': message }
  return { name: 'exception', time, attributes }
}

/** An export request of these spans, as the exporter of that encoding writes it. */
export function traceRequest(encoding: OtlpEncoding, spans: readonly ReadableSpan[]): Buffer {
  const serializer = encoding === 'json' ? JsonTraceSerializer : ProtobufTraceSerializer
  const bytes = serializer.serializeRequest([...spans])
  if (bytes === undefined) throw new Error('The serializer failed.')
  return Buffer.from(bytes)
}
