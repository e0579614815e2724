import type { PbfReader } from 'pbf'
import type { AgentMarks } from './agent-marks.ts'
import { isZero } from './hex-id.ts'
import { MalformedBody } from './malformed-body.ts'
import { ANY_VALUE, checkMessage, SPAN_EVENT, SPAN_LINK, STATUS } from './message-shape.ts'
import { emptyRow, type SpanRow } from './span-table.ts'
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
import { expectEnd, readEnd, readTag, skipField } from './wire.ts'

const TRACE_ID_BYTES = 16
const SPAN_ID_BYTES = 8
const KEY = 0x0a
const VALUE = 0x12
const STRING_VALUE = 0x0a
/** One byte tells its length. */
const SHORT = 0x80

/** Checks the form of one span after the other, and finds where the parts of each lie. Makes no text and no object. */
export class SpanFields {
  readonly #bytes: Buffer
  readonly #pbf: PbfReader
  readonly #marks: AgentMarks
  readonly #row = emptyRow()

  /** @param pbf - Reads these bytes, and is moved past each span. */
  constructor(bytes: Buffer, pbf: PbfReader, marks: AgentMarks) {
    this.#bytes = bytes
    this.#pbf = pbf
    this.#marks = marks
  }

  /**
   * Reads the span from here to `end`.
   *
   * @returns where its parts lie, until the next one is read; `undefined` if an id of it is not valid.
   * @throws MalformedBody, or what pbf throws for a varint that has no end.
   */
  read(end: number): SpanRow | undefined {
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
          this.#attribute(readEnd(pbf, end))
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
    const isValid =
      traceBytes === TRACE_ID_BYTES && spanBytes === SPAN_ID_BYTES && this.#ids(parentBytes)
    return isValid ? row : undefined
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

  /** Checks an attribute, and notes what its key says of the span. */
  #attribute(end: number): void {
    const pbf = this.#pbf
    const bytes = this.#bytes
    const row = this.#row
    const marks = this.#marks
    while (pbf.pos < end) {
      const tag = readTag(pbf)
      if (tag === KEY) {
        const keyEnd = readEnd(pbf, end)
        if (!row.agentic) row.agentic = marks.matchesBytes(bytes, pbf.pos, keyEnd)
        // What tells is an agent's too.
        if (row.agentic && !row.telling) row.telling = marks.isTellingBytes(bytes, pbf.pos, keyEnd)
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
  row.telling = false
}
