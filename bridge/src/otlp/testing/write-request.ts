import { PbfWriter } from 'pbf'
import type { OtlpEncoding } from '../otlp-encoding.ts'

/** An AnyValue, by the name of its field in OTLP/JSON. */
export type WireValue =
  | { readonly stringValue: string }
  | { readonly boolValue: boolean }
  /** Decimal digits. */
  | { readonly intValue: string }
  | { readonly doubleValue: number }
  | { readonly arrayValue: { readonly values: readonly WireValue[] } }
  | { readonly kvlistValue: { readonly values: readonly WireAttribute[] } }
  /** base64. */
  | { readonly bytesValue: string }
  | Record<never, never>

export interface WireAttribute {
  readonly key: string
  readonly value: WireValue
}

/** A span as OTLP/JSON writes it. */
export interface WireSpan {
  readonly traceId: string
  readonly spanId: string
  readonly parentSpanId?: string
  readonly name?: string
  readonly kind?: number
  readonly flags?: number
  /** Decimal digits. */
  readonly startTimeUnixNano?: string
  readonly endTimeUnixNano?: string
  readonly attributes?: readonly WireAttribute[]
  readonly events?: readonly {
    readonly timeUnixNano: string
    readonly name: string
    readonly attributes: readonly WireAttribute[]
  }[]
  readonly status?: { readonly code: number; readonly message: string }
}

export interface WireGroup {
  readonly resource?: readonly WireAttribute[]
  readonly scope?: string
  readonly spans: readonly WireSpan[]
}

/** A trace request of these very values, which the serializers of OpenTelemetry JS would not all write. */
export function writeTraces(encoding: OtlpEncoding, groups: readonly WireGroup[]): Buffer {
  return encoding === 'json' ? writeJson(groups) : writeProtobuf(groups)
}

function writeJson(groups: readonly WireGroup[]): Buffer {
  const resourceSpans = groups.map(({ resource, scope, spans }) => ({
    resource: { attributes: resource },
    scopeSpans: [{ scope: { name: scope }, spans }],
  }))
  return Buffer.from(JSON.stringify({ resourceSpans }))
}

function writeProtobuf(groups: readonly WireGroup[]): Buffer {
  const writer = new PbfWriter()
  for (const group of groups) writer.writeMessage(1, writeGroup, group)
  return Buffer.from(writer.finish())
}

function writeGroup({ resource = [], scope = '', spans }: WireGroup, writer: PbfWriter): void {
  writer.writeMessage(1, writeAttributes(1), resource)
  writer.writeMessage(
    2,
    (_, scoped) => {
      scoped.writeMessage(1, (name, inner) => writeText(inner, 1, name), scope)
      for (const span of spans) scoped.writeMessage(2, writeSpan, span)
    },
    undefined,
  )
}

function writeSpan(span: WireSpan, writer: PbfWriter): void {
  writer.writeBytesField(1, Buffer.from(span.traceId, 'hex'))
  writer.writeBytesField(2, Buffer.from(span.spanId, 'hex'))
  if (span.parentSpanId !== undefined) {
    writer.writeBytesField(4, Buffer.from(span.parentSpanId, 'hex'))
  }
  writeText(writer, 5, span.name ?? '')
  writer.writeVarintField(6, span.kind ?? 0)
  writeNanos(writer, 7, span.startTimeUnixNano)
  writeNanos(writer, 8, span.endTimeUnixNano)
  writeAttributes(9)(span.attributes ?? [], writer)
  for (const event of span.events ?? []) {
    writer.writeMessage(
      11,
      (_, inner) => {
        writeNanos(inner, 1, event.timeUnixNano)
        writeText(inner, 2, event.name)
        writeAttributes(3)(event.attributes, inner)
      },
      undefined,
    )
  }
  const { status } = span
  if (status !== undefined) {
    writer.writeMessage(
      15,
      (_, inner) => {
        writeText(inner, 2, status.message)
        inner.writeVarintField(3, status.code)
      },
      undefined,
    )
  }
  if (span.flags !== undefined) writer.writeFixed32Field(16, span.flags)
}

/** pbf's own writer of text gets the characters beyond U+1FFFF wrong. */
function writeText(writer: PbfWriter, field: number, text: string): void {
  writer.writeBytesField(field, Buffer.from(text))
}

function writeNanos(writer: PbfWriter, field: number, nanos: string | undefined): void {
  if (nanos === undefined) return
  const bytes = Buffer.alloc(8)
  bytes.writeBigUInt64LE(BigInt(nanos))
  writer.writeTag(field, 1)
  for (const byte of bytes) writeByte(writer, byte)
}

function writeByte(writer: PbfWriter, byte: number): void {
  writer.realloc(1)
  writer.buf[writer.pos++] = byte
}

function writeAttributes(field: number) {
  return (attributes: readonly WireAttribute[], writer: PbfWriter): void => {
    for (const { key, value } of attributes) {
      writer.writeMessage(
        field,
        (_, inner) => {
          writeText(inner, 1, key)
          inner.writeMessage(2, writeValue, value)
        },
        undefined,
      )
    }
  }
}

function writeValue(value: WireValue, writer: PbfWriter): void {
  if ('stringValue' in value) writeText(writer, 1, value.stringValue)
  else if ('boolValue' in value) writer.writeBooleanField(2, value.boolValue)
  else if ('intValue' in value) writeInt64(value.intValue, writer)
  else if ('doubleValue' in value) {
    writer.writeTag(4, 1)
    writer.writeDouble(value.doubleValue)
  } else if ('arrayValue' in value) {
    writer.writeMessage(5, writeList, value.arrayValue.values)
  } else if ('kvlistValue' in value) {
    writer.writeMessage(6, writeAttributes(1), value.kvlistValue.values)
  } else if ('bytesValue' in value) {
    writer.writeBytesField(7, Buffer.from(value.bytesValue, 'base64'))
  }
}

function writeList(values: readonly WireValue[], writer: PbfWriter): void {
  for (const value of values) writer.writeMessage(1, writeValue, value)
}

/** pbf writes from numbers, which do not hold all of 64 bits. */
function writeInt64(digits: string, writer: PbfWriter): void {
  writer.writeTag(3, 0)
  let left = BigInt.asUintN(64, BigInt(digits))
  while (left > 0x7fn) {
    writeByte(writer, Number(left & 0x7fn) | 0x80)
    left >>= 7n
  }
  writeByte(writer, Number(left))
}
