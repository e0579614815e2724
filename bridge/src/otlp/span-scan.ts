import { PbfReader } from 'pbf'
import type { AgentMarks } from './agent-marks.ts'
import { isZero } from './hex-id.ts'
import { MalformedBody } from './malformed-body.ts'
import {
  ANY_VALUE,
  checkMessage,
  type MessageShape,
  RESOURCE,
  SCOPE,
  SPAN_EVENT,
  SPAN_LINK,
  STATUS,
} from './message-shape.ts'
import { findScopeName } from './scope-name.ts'
import { emptyRow, type Range, type ScopeEntry, type SpanRow, SpanTable } from './span-table.ts'
import {
  ATTRIBUTE,
  END_TIME,
  EVENT,
  FLAGS,
  LAST_SPAN_FIELD,
  LINK,
  NAME,
  OTHER_SPAN_WIRES,
  PARENT_SPAN_ID,
  SPAN_ID,
  START_TIME,
  STATUS_TAG,
  TRACE_ID,
} from './span-tags.ts'
import { BYTES, expectEnd, expectWire, readEnd, readTag, skipField } from './wire.ts'

const TRACE_ID_BYTES = 16
const SPAN_ID_BYTES = 8
const KEY = 0x0a
const VALUE = 0x12
const STRING_VALUE = 0x0a
/** One byte tells its length. */
const SHORT = 0x80
const SLICE_BYTES = 512 * 1024

/**
 * The first of two passes over a protobuf request: checks the form of every byte, finds where the parts of each span
 * lie, and looks at the bytes of attribute keys. It makes no text and no object for a span.
 */
export class SpanScan {
  readonly #bytes: Buffer
  readonly #pbf: PbfReader
  readonly #keys: AgentMarks
  readonly #table: SpanTable
  readonly #row = emptyRow()
  readonly #name: Range = { from: -1, to: -1 }
  readonly #lastResource: Range = { from: 0, to: -1 }
  readonly #lastScope: Range = { from: 0, to: -1 }
  #askedScope = -1
  #askedIsAgentic = false
  #pauseAt = SLICE_BYTES
  // Where it is: in a scope of a resource, in a resource, or between resources.
  #resource: Range | undefined
  #resourceEnd = 0
  #scope: ScopeEntry | undefined
  #scopeEnd = 0
  #firstOfScope = 0

  constructor(bytes: Buffer, keys: AgentMarks) {
    this.#bytes = bytes
    this.#pbf = new PbfReader(bytes)
    this.#keys = keys
    this.#table = new SpanTable(bytes.length)
  }

  /**
   * Goes on from where it paused, for half a megabyte or so, and pauses between spans.
   *
   * @returns the table when all is read.
   * @throws MalformedBody, or what pbf throws for a varint that has no end.
   */
  more(): SpanTable | undefined {
    this.#pauseAt = this.#pbf.pos + SLICE_BYTES
    for (;;) {
      if (this.#scope !== undefined) {
        if (!this.#readScope(this.#scope)) return undefined
      } else if (this.#resource !== undefined) {
        this.#readResource(this.#resource)
      } else if (!this.#readRequest()) {
        return this.#table
      }
    }
  }

  /** Goes on to the next resource. @returns whether there is one. */
  #readRequest(): boolean {
    const pbf = this.#pbf
    const end = this.#bytes.length
    while (pbf.pos < end) {
      const tag = readTag(pbf)
      if (tag >>> 3 !== 1) {
        skipField(pbf, tag & 7, end)
        continue
      }
      expectWire(tag & 7, BYTES)
      this.#resourceEnd = readEnd(pbf, end)
      // What it says of itself may stand behind the spans that it is for.
      this.#resource = { from: -1, to: -1 }
      return true
    }
    expectEnd(pbf, end)
    return false
  }

  /** Goes on to the next scope of the resource, or to the resource's end. */
  #readResource(resource: Range): void {
    const pbf = this.#pbf
    const end = this.#resourceEnd
    while (pbf.pos < end) {
      const tag = readTag(pbf)
      const field = tag >>> 3
      if (field > 3) {
        skipField(pbf, tag & 7, end)
        continue
      }
      expectWire(tag & 7, BYTES)
      const fieldEnd = readEnd(pbf, end)
      if (field === 1) this.#range(fieldEnd, RESOURCE, resource, this.#lastResource)
      else if (field === 3) pbf.pos = fieldEnd
      else {
        this.#scopeEnd = fieldEnd
        this.#scope = { from: -1, to: -1, resource }
        this.#firstOfScope = this.#table.size
        return
      }
    }
    expectEnd(pbf, end)
    this.#resource = undefined
  }

  /** Reads the spans of the scope. @returns whether all of them. */
  #readScope(scope: ScopeEntry): boolean {
    const pbf = this.#pbf
    const end = this.#scopeEnd
    while (pbf.pos < end) {
      if (pbf.pos > this.#pauseAt) return false
      const tag = readTag(pbf)
      const field = tag >>> 3
      if (field > 3) {
        skipField(pbf, tag & 7, end)
        continue
      }
      expectWire(tag & 7, BYTES)
      const fieldEnd = readEnd(pbf, end)
      if (field === 2) this.#span(fieldEnd)
      else if (field === 1) this.#range(fieldEnd, SCOPE, scope, this.#lastScope)
      else pbf.pos = fieldEnd
    }
    expectEnd(pbf, end)
    this.#closeScope(scope)
    return true
  }

  #closeScope(scope: ScopeEntry): void {
    this.#scope = undefined
    const table = this.#table
    if (table.size === this.#firstOfScope) return
    table.scopes.push(scope)
    if (scope.from >= 0 && this.#isAgentic(this.#lastScope)) table.markFrom(this.#firstOfScope)
  }

  /** Whether spans are agentic for their scope; asked once of scopes that are the same. */
  #isAgentic(scope: Range): boolean {
    if (scope.from === this.#askedScope) return this.#askedIsAgentic
    const pbf = this.#pbf
    const { pos } = pbf
    const found = findScopeName(pbf, scope, this.#name)
    pbf.pos = pos
    this.#askedScope = scope.from
    this.#askedIsAgentic = found && this.#keys.isScopeBytes(this.#bytes, this.#name)
    return this.#askedIsAgentic
  }

  /** @param last - The one of its kind that was checked last: some senders repeat it with every span. */
  #range(end: number, shape: MessageShape, into: Range, last: Range): void {
    const pbf = this.#pbf
    const from = pbf.pos
    into.from = from
    into.to = end
    if (end - from === last.to - last.from && this.#isRepeated(last.from, from, end - from)) {
      pbf.pos = end
      return
    }
    checkMessage(pbf, end, shape)
    last.from = from
    last.to = end
  }

  #isRepeated(a: number, b: number, length: number): boolean {
    const bytes = this.#bytes
    for (let i = 0; i < length; i++) {
      if (bytes[a + i] !== bytes[b + i]) return false
    }
    return true
  }

  #span(end: number): void {
    const pbf = this.#pbf
    const row = this.#row
    clear(row)
    row.from = pbf.pos
    row.to = end
    let traceBytes = 0
    let spanBytes = 0
    let parentBytes = 0
    // By the whole tag: field number and wire type in one.
    while (pbf.pos < end) {
      const tag = readTag(pbf)
      switch (tag) {
        case TRACE_ID:
          traceBytes = this.#length(end)
          row.traceAt = pbf.pos - traceBytes
          break
        case SPAN_ID:
          spanBytes = this.#length(end)
          row.spanAt = pbf.pos - spanBytes
          break
        case PARENT_SPAN_ID:
          parentBytes = this.#length(end)
          row.parentAt = pbf.pos - parentBytes
          break
        case NAME: {
          const bytes = this.#length(end)
          row.nameAt = pbf.pos - bytes
          row.nameEnd = pbf.pos
          break
        }
        case START_TIME:
          row.startAt = pbf.pos
          pbf.pos += 8
          break
        case END_TIME:
          row.endAt = pbf.pos
          pbf.pos += 8
          break
        case FLAGS:
          row.flags = pbf.readFixed32() | 0
          break
        case ATTRIBUTE:
          if (this.#attribute(readEnd(pbf, end), row.agentic)) row.agentic = true
          break
        case EVENT:
          checkMessage(pbf, readEnd(pbf, end), SPAN_EVENT)
          break
        case LINK:
          checkMessage(pbf, readEnd(pbf, end), SPAN_LINK)
          break
        case STATUS_TAG:
          checkMessage(pbf, readEnd(pbf, end), STATUS)
          break
        default:
          if (OTHER_SPAN_WIRES[tag >>> 3] !== (tag & 7) && tag >>> 3 <= LAST_SPAN_FIELD) {
            throw new MalformedBody('a field of the wrong wire type')
          }
          skipField(pbf, tag & 7, end)
      }
    }
    expectEnd(pbf, end)
    if (traceBytes === TRACE_ID_BYTES && spanBytes === SPAN_ID_BYTES && this.#ids(parentBytes)) {
      row.scope = this.#table.scopes.length
      this.#table.add(row)
    } else {
      this.#table.rejected++
    }
  }

  /** Goes past a field of bytes, and tells how many they are. */
  #length(limit: number): number {
    const pbf = this.#pbf
    const end = readEnd(pbf, limit)
    const length = end - pbf.pos
    pbf.pos = end
    return length
  }

  /** Whether the ids are valid; a parent of no bytes, or of zeros, is none. */
  #ids(parentBytes: number): boolean {
    const row = this.#row
    const bytes = this.#bytes
    if (isZero(bytes, row.traceAt, TRACE_ID_BYTES) || isZero(bytes, row.spanAt, SPAN_ID_BYTES)) {
      return false
    }
    if (parentBytes === 0) row.parentAt = -1
    else if (parentBytes !== SPAN_ID_BYTES) return false
    else if (isZero(bytes, row.parentAt, SPAN_ID_BYTES)) row.parentAt = -1
    return true
  }

  /** Checks an attribute; whether its key is one that was asked for, unless that is `known` already. */
  #attribute(end: number, known: boolean): boolean {
    const pbf = this.#pbf
    const bytes = this.#bytes
    let found = known
    while (pbf.pos < end) {
      const tag = readTag(pbf)
      if (tag === KEY) {
        const keyEnd = readEnd(pbf, end)
        if (!known) found = this.#keys.matchesBytes(bytes, pbf.pos, keyEnd)
        pbf.pos = keyEnd
      } else if (tag === VALUE) {
        const valueEnd = readEnd(pbf, end)
        const at = pbf.pos
        // Most values are one short string, which is seen at a glance.
        if (
          bytes[at] === STRING_VALUE &&
          bytes[at + 1] === valueEnd - at - 2 &&
          valueEnd - at < SHORT
        ) {
          pbf.pos = valueEnd
        } else {
          checkMessage(pbf, valueEnd, ANY_VALUE)
        }
      } else {
        if (tag >>> 3 < 3) throw new MalformedBody('a field of the wrong wire type')
        skipField(pbf, tag & 7, end)
      }
    }
    expectEnd(pbf, end)
    return found
  }
}

function clear(row: SpanRow): void {
  row.parentAt = -1
  row.startAt = -1
  row.endAt = -1
  row.nameAt = 0
  row.nameEnd = 0
  row.flags = 0
  row.agentic = false
}
