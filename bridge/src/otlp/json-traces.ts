import { writeIds } from '@spancast/sdk/internal'
import type { AgentMarks } from './agent-marks.ts'
import { hexId } from './hex-id.ts'
import { countOf, enumOf, type JsonRecord, listOf, recordOf, textOf } from './json-fields.ts'
import { JsonRequest } from './json-request.ts'
import { JsonValueReader } from './json-value.ts'
import { msBetween, msOf, type NanoTime, timeOfJson } from './nano-time.ts'
import {
  type DecodedTraces,
  isRemoteParent,
  type OtlpAttributes,
  type OtlpSpanEvent,
  type OtlpStatus,
  type SpanDetail,
  type SpanHead,
  UNSET,
} from './otlp-span.ts'

interface Entry {
  readonly head: SpanHead
  readonly detail: SpanDetail
  readonly resource: OtlpAttributes
}

const TRACE_ID_DIGITS = 32
const SPAN_ID_DIGITS = 16
const KINDS = ['UNSPECIFIED', 'INTERNAL', 'SERVER', 'CLIENT', 'PRODUCER', 'CONSUMER'].map(
  (kind) => `SPAN_KIND_${kind}`,
)
const CODES = ['UNSET', 'OK', 'ERROR'].map((code) => `STATUS_CODE_${code}`)

/** The spans of a request in JSON. Parsing the text costs far more than reading the rest, so all is read with it. */
export class JsonTraces implements DecodedTraces {
  readonly #entries: Entry[] = []
  readonly #values = new JsonValueReader()
  readonly #keys: AgentMarks
  agentic = 0
  rejected = 0

  private constructor(keys: AgentMarks) {
    this.#keys = keys
  }

  /**
   * Pauses now and then, if the body is large.
   *
   * @throws MalformedBody
   */
  static *of(body: Buffer, keys: AgentMarks): Generator<void, JsonTraces> {
    const traces = new JsonTraces(keys)
    const request = yield* JsonRequest.of(body)
    for (const entry of listOf(request.fields.resourceSpans, 'resourceSpans')) {
      yield* traces.#resourceSpans(recordOf(entry, 'resourceSpans'), request)
    }
    yield* request.checkOthers()
    return traces
  }

  get size(): number {
    return this.#entries.length
  }

  get cut(): number {
    return this.#values.cut
  }

  isAgentic(index: number): boolean {
    return this.head(index).agentic
  }

  place(index: number, ids: Uint32Array, at: number): boolean {
    const head = this.head(index)
    writeIds(head, ids, at)
    return head.parentSpanId === undefined || head.isRemoteParent
  }

  startMs(index: number): number {
    return this.head(index).startMs
  }

  endMs(index: number): number {
    return this.head(index).endMs
  }

  head(index: number): SpanHead {
    return this.#entry(index).head
  }

  name(index: number): string {
    return this.#entry(index).detail.name
  }

  detail(index: number): SpanDetail {
    return this.#entry(index).detail
  }

  resource(index: number): OtlpAttributes {
    return this.#entry(index).resource
  }

  #entry(index: number): Entry {
    const entry = this.#entries[index]
    if (entry === undefined) {
      throw new RangeError(`Expected a span from 0 to ${this.size - 1}, got ${index}.`)
    }
    return entry
  }

  *#resourceSpans(group: JsonRecord | undefined, request: JsonRequest): Generator<void, void> {
    if (group === undefined) return
    const resource = this.#values.attributes(recordOf(group.resource, 'resource')?.attributes)
    for (const entry of listOf(group.scopeSpans, 'scopeSpans')) {
      const spans = recordOf(entry, 'scopeSpans')
      if (spans === undefined) continue
      const scope = textOf(recordOf(spans.scope, 'scope')?.name, 'name')
      for (const entry of listOf(spans.spans, 'spans')) {
        this.#span(request.entry(entry, 'spans'), scope, resource)
        if (request.isTime) yield
      }
    }
  }

  #span(span: JsonRecord, scope: string, resource: OtlpAttributes): void {
    const start = timeOfJson(span.startTimeUnixNano)
    const end = timeOfJson(span.endTimeUnixNano)
    const detail = this.#detailOf(span, scope, start, end)
    const traceId = hexId(textOf(span.traceId, 'traceId'), TRACE_ID_DIGITS)
    const spanId = hexId(textOf(span.spanId, 'spanId'), SPAN_ID_DIGITS)
    const parent = textOf(span.parentSpanId, 'parentSpanId')
    const flags = countOf(span.flags, 'flags') >>> 0
    if (traceId === undefined || spanId === undefined || !isParent(parent)) {
      this.rejected++
      return
    }
    const agentic =
      this.#keys.isScope(scope) ||
      Object.keys(detail.attributes).some((key) => this.#keys.matches(key))
    if (agentic) this.agentic++
    const head = {
      traceId,
      spanId,
      parentSpanId: hexId(parent, SPAN_ID_DIGITS),
      flags,
      isRemoteParent: isRemoteParent(flags),
      startMs: msOf(start),
      endMs: msOf(end),
      agentic,
    }
    this.#entries.push({ head, detail, resource })
  }

  #detailOf(span: JsonRecord, scope: string, start: NanoTime, end: NanoTime): SpanDetail {
    return {
      name: textOf(span.name, 'name'),
      kind: enumOf(span.kind, KINDS, 'kind'),
      durationMs: msBetween(start, end),
      attributes: this.#values.attributes(span.attributes),
      events: listOf(span.events, 'events').map((event) => this.#event(event)),
      status: statusOf(recordOf(span.status, 'status')),
      scope,
    }
  }

  #event(entry: unknown): OtlpSpanEvent {
    const event: JsonRecord = recordOf(entry, 'events') ?? {}
    return {
      name: textOf(event.name, 'name'),
      timeMs: msOf(timeOfJson(event.timeUnixNano)),
      attributes: this.#values.attributes(event.attributes),
    }
  }
}

/** No parent is one of no digits, or of zeros. */
function isParent(value: string): boolean {
  return value === '' || /^0{16}$/.test(value) || hexId(value, SPAN_ID_DIGITS) !== undefined
}

function statusOf(status: JsonRecord | undefined): OtlpStatus {
  if (status === undefined) return UNSET
  return { code: enumOf(status.code, CODES, 'code'), message: textOf(status.message, 'message') }
}
