import { TRACE_WORDS } from '@spancast/sdk/internal'
import { PbfReader } from 'pbf'
import { ValueReader } from './any-value.ts'
import { attributeRecord } from './attribute-record.ts'
import { hex8, hex16 } from './hex-id.ts'
import { msBetween, msOf, type NanoTime, timeOfBits } from './nano-time.ts'
import {
  type DecodedTraces,
  isRemoteParent,
  type OtlpAttributes,
  type OtlpSpanEvent,
  type OtlpStatus,
  type SpanDetail,
  type SpanHead,
  type SpanPacking,
  UNSET,
} from './otlp-span.ts'
import { packSpans } from './pack-spans.ts'
import { findScopeName } from './scope-name.ts'
import {
  emptyRow,
  type Range,
  type ScopeEntry,
  type SpanRow,
  type SpanTable,
} from './span-table.ts'
import { TextCache } from './text-cache.ts'
import { readEnd, readTag, skipField } from './wire.ts'

/** The spans of a protobuf request, made out of its bytes when they are asked for. */
export class ProtobufTraces implements DecodedTraces, SpanPacking {
  readonly packing: this = this
  readonly #bytes: Buffer
  readonly #pbf: PbfReader
  readonly #table: SpanTable
  readonly #text: TextCache
  readonly #values: ValueReader
  readonly #resources = new Map<Range, OtlpAttributes>()
  readonly #row = emptyRow()
  // Spans of one trace come together, and so do spans of one scope.
  #traceAt = -1
  #traceId = ''
  #scope: ScopeEntry | undefined
  #scopeName = ''

  /** @param table - Where each span lies in these bytes, whose form was checked. */
  constructor(bytes: Buffer, table: SpanTable) {
    this.#bytes = bytes
    this.#pbf = new PbfReader(bytes)
    this.#table = table
    this.#text = new TextCache(bytes)
    this.#values = new ValueReader(this.#pbf, this.#text)
  }

  get size(): number {
    return this.#table.size
  }

  get agentic(): number {
    return this.#table.agentic
  }

  get rejected(): number {
    return this.#table.rejected
  }

  get cut(): number {
    return this.#values.cut
  }

  head(index: number): SpanHead {
    const row = this.#read(index)
    const bytes = this.#bytes
    return {
      traceId: this.#traceIdAt(row.traceAt),
      spanId: hex8(bytes, row.spanAt),
      parentSpanId: row.parentAt < 0 ? undefined : hex8(bytes, row.parentAt),
      flags: row.flags >>> 0,
      isRemoteParent: isRemoteParent(row.flags),
      startMs: msOf(this.#timeAt(row.startAt)),
      endMs: msOf(this.#timeAt(row.endAt)),
      agentic: row.agentic,
    }
  }

  isAgentic(index: number): boolean {
    return this.#table.isAgentic(index)
  }

  traceId(index: number): string {
    return this.#traceIdAt(this.#table.traceAt(index))
  }

  writeTraceId(index: number, ids: Uint32Array): void {
    this.#writeTrace(this.#table.traceAt(index), ids, 0)
  }

  isSameTrace(a: number, b: number): boolean {
    return same16(this.#pbf.dataView, this.#table.traceAt(a), this.#table.traceAt(b))
  }

  isTelling(index: number): boolean {
    return this.#table.isTelling(index)
  }

  isLocalRoot(index: number): boolean {
    const table = this.#table
    return table.parentAt(index) < 0 || isRemoteParent(table.flags(index))
  }

  bytes(index: number): number {
    return this.#table.to(index) - this.#table.from(index)
  }

  pack(indexes: readonly number[]): Buffer {
    return packSpans(this.#bytes, this.#table, indexes)
  }

  place(index: number, ids: Uint32Array, at: number): boolean {
    const { traceAt, spanAt, parentAt, flags } = this.#read(index)
    const { dataView } = this.#pbf
    this.#writeTrace(traceAt, ids, at)
    ids[at + 4] = dataView.getUint32(spanAt)
    ids[at + 5] = dataView.getUint32(spanAt + 4)
    ids[at + 6] = parentAt < 0 ? 0 : dataView.getUint32(parentAt)
    ids[at + 7] = parentAt < 0 ? 0 : dataView.getUint32(parentAt + 4)
    return parentAt < 0 || isRemoteParent(flags)
  }

  startMs(index: number): number {
    return msOf(this.#timeAt(this.#read(index).startAt))
  }

  endMs(index: number): number {
    return msOf(this.#timeAt(this.#read(index).endAt))
  }

  name(index: number): string {
    const row = this.#read(index)
    return this.#text.name(row.nameAt, row.nameEnd)
  }

  detail(index: number): SpanDetail {
    const row = this.#read(index)
    const pbf = this.#pbf
    const end = row.to
    const attributes = attributeRecord()
    const events: OtlpSpanEvent[] = []
    let status = UNSET
    let kind = 0
    this.#values.begin()
    pbf.pos = row.from
    while (pbf.pos < end) {
      const tag = readTag(pbf)
      switch (tag >>> 3) {
        case 6:
          kind = pbf.readVarint()
          break
        case 9:
          this.#values.keyValue(readEnd(pbf, end), attributes)
          break
        case 11: {
          const eventEnd = readEnd(pbf, end)
          if (this.#values.admits(eventEnd)) events.push(this.#event(eventEnd))
          break
        }
        case 15:
          status = this.#status(readEnd(pbf, end))
          break
        default:
          skipField(pbf, tag & 7, end)
      }
    }
    return {
      name: this.#text.name(row.nameAt, row.nameEnd),
      kind,
      durationMs: msBetween(this.#timeAt(row.startAt), this.#timeAt(row.endAt)),
      attributes,
      events,
      status,
      scope: this.#scopeOf(row.scope),
    }
  }

  resource(index: number): OtlpAttributes {
    const { resource } = this.#scopeEntry(this.#read(index).scope)
    const known = this.#resources.get(resource)
    if (known !== undefined) return known
    const attributes = attributeRecord()
    const pbf = this.#pbf
    this.#values.begin()
    pbf.pos = Math.max(resource.from, 0)
    while (pbf.pos < resource.to) {
      const tag = readTag(pbf)
      if (tag >>> 3 === 1) this.#values.keyValue(readEnd(pbf, resource.to), attributes)
      else skipField(pbf, tag & 7, resource.to)
    }
    this.#resources.set(resource, attributes)
    return attributes
  }

  #read(index: number): Readonly<SpanRow> {
    this.#table.read(index, this.#row)
    return this.#row
  }

  #writeTrace(traceAt: number, ids: Uint32Array, at: number): void {
    const { dataView } = this.#pbf
    for (let i = 0; i < TRACE_WORDS; i++) ids[at + i] = dataView.getUint32(traceAt + 4 * i)
  }

  #traceIdAt(at: number): string {
    if (this.#traceAt < 0 || !same16(this.#pbf.dataView, this.#traceAt, at)) {
      this.#traceId = hex16(this.#bytes, at)
      this.#traceAt = at
    }
    return this.#traceId
  }

  #timeAt(at: number): NanoTime {
    if (at < 0) return timeOfBits(0, 0)
    const { dataView } = this.#pbf
    return timeOfBits(dataView.getUint32(at, true), dataView.getUint32(at + 4, true))
  }

  #event(end: number): OtlpSpanEvent {
    const pbf = this.#pbf
    const attributes = attributeRecord()
    let name = ''
    let timeMs = 0
    while (pbf.pos < end) {
      const tag = readTag(pbf)
      switch (tag >>> 3) {
        case 1:
          timeMs = msOf(this.#timeAt(pbf.pos))
          pbf.pos += 8
          break
        case 2: {
          const nameEnd = readEnd(pbf, end)
          name = this.#text.name(pbf.pos, nameEnd)
          pbf.pos = nameEnd
          break
        }
        case 3:
          this.#values.keyValue(readEnd(pbf, end), attributes)
          break
        default:
          skipField(pbf, tag & 7, end)
      }
    }
    return { name, timeMs, attributes }
  }

  #status(end: number): OtlpStatus {
    const pbf = this.#pbf
    let code = 0
    let message = ''
    while (pbf.pos < end) {
      const tag = readTag(pbf)
      const field = tag >>> 3
      if (field === 2) {
        const messageEnd = readEnd(pbf, end)
        message = this.#text.value(pbf.pos, messageEnd)
        pbf.pos = messageEnd
      } else if (field === 3) {
        code = pbf.readVarint()
      } else {
        skipField(pbf, tag & 7, end)
      }
    }
    return { code, message }
  }

  #scopeEntry(number: number): ScopeEntry {
    // Every row was added together with its scope.
    return this.#table.scopes[number] as ScopeEntry
  }

  #scopeOf(number: number): string {
    const scope = this.#scopeEntry(number)
    if (scope !== this.#scope) {
      this.#scope = scope
      this.#scopeName = this.#nameOfScope(scope)
    }
    return this.#scopeName
  }

  #nameOfScope(scope: ScopeEntry): string {
    const name = { from: -1, to: -1 }
    return findScopeName(this.#pbf, scope, name) ? this.#text.name(name.from, name.to) : ''
  }
}

function same16(bytes: DataView, a: number, b: number): boolean {
  for (let i = 0; i < 16; i += 4) {
    if (bytes.getUint32(a + i) !== bytes.getUint32(b + i)) return false
  }
  return true
}
