import { PbfReader } from 'pbf'
import { ValueReader } from './any-value.ts'
import { attributeRecord } from './attribute-record.ts'
import { hex8, hex16, isZero } from './hex-id.ts'
import type { DecodedLogs, OtlpLogRecord } from './log-record.ts'
import {
  ANY_VALUE,
  checkField,
  checkMessage,
  KEY_VALUE,
  MessageShape,
  RESOURCE,
  SCOPE,
} from './message-shape.ts'
import { msOf, timeOfBits } from './nano-time.ts'
import { TextCache } from './text-cache.ts'
import {
  BYTES,
  expectEnd,
  expectWire,
  FIXED32,
  FIXED64,
  readEnd,
  readTag,
  skipField,
  VARINT,
} from './wire.ts'

const LOG_RECORD = new MessageShape({
  1: FIXED64,
  2: VARINT,
  3: BYTES,
  5: ANY_VALUE,
  6: KEY_VALUE,
  7: VARINT,
  8: FIXED32,
  9: BYTES,
  10: BYTES,
  11: FIXED64,
  12: BYTES,
})
const SCOPE_LOGS = new MessageShape({ 1: SCOPE, 2: LOG_RECORD, 3: BYTES })
const RESOURCE_LOGS = new MessageShape({ 1: RESOURCE, 2: SCOPE_LOGS, 3: BYTES })
const REQUEST = new MessageShape({ 1: RESOURCE_LOGS })

const RECORDS_A_SLICE = 256

/**
 * Pauses now and then, if there are many records.
 *
 * @throws MalformedBody, or what pbf throws for a varint that has no end.
 */
export function decodeProtobufLogs(body: Buffer, key: string): Generator<void, DecodedLogs> {
  return new LogReader(body, key).read()
}

/** Checks the form of every byte, and reads the records that are wanted. */
class LogReader {
  readonly #bytes: Buffer
  readonly #key: Buffer
  readonly #pbf: PbfReader
  readonly #text: TextCache
  readonly #values: ValueReader
  readonly #records: OtlpLogRecord[] = []
  #others = 0

  constructor(bytes: Buffer, key: string) {
    this.#bytes = bytes
    this.#key = Buffer.from(key)
    this.#pbf = new PbfReader(bytes)
    this.#text = new TextCache(bytes)
    this.#values = new ValueReader(this.#pbf, this.#text)
  }

  *read(): Generator<void, DecodedLogs> {
    let pauseAt = RECORDS_A_SLICE
    for (const group of this.#messages(this.#bytes.length, 1, REQUEST)) {
      for (const scoped of this.#messages(group, 2, RESOURCE_LOGS)) {
        for (const record of this.#messages(scoped, 2, SCOPE_LOGS)) {
          this.#record(record)
          if (this.#records.length + this.#others < pauseAt) continue
          pauseAt += RECORDS_A_SLICE
          yield
        }
      }
    }
    return { records: this.#records, others: this.#others, cut: this.#values.cut }
  }

  /** Where each message in such a field ends, to be read by who asks; the form of other fields is checked. */
  *#messages(end: number, field: number, shape: MessageShape): Generator<number> {
    const pbf = this.#pbf
    while (pbf.pos < end) {
      const tag = readTag(pbf)
      if (tag >>> 3 !== field) {
        checkField(pbf, tag, end, shape)
        continue
      }
      expectWire(tag & 7, BYTES)
      yield readEnd(pbf, end)
    }
    expectEnd(pbf, end)
  }

  /** Calls `read` with the end of each such field in the message that ends at `end`. */
  #each(end: number, field: number, read: (end: number) => void): void {
    const pbf = this.#pbf
    while (pbf.pos < end) {
      const tag = readTag(pbf)
      if (tag >>> 3 === field) read(readEnd(pbf, end))
      else skipField(pbf, tag & 7, end)
    }
  }

  #record(end: number): void {
    const from = this.#pbf.pos
    checkMessage(this.#pbf, end, LOG_RECORD)
    this.#pbf.pos = from
    if (this.#hasKey(end)) {
      this.#pbf.pos = from
      this.#records.push(this.#decoded(end))
    } else {
      this.#others++
    }
    this.#pbf.pos = end
  }

  #hasKey(end: number): boolean {
    let found = false
    this.#each(end, 6, (attribute) => {
      this.#each(attribute, 1, (keyEnd) => {
        const { pos } = this.#pbf
        found ||= this.#key.equals(this.#bytes.subarray(pos, keyEnd))
        this.#pbf.pos = keyEnd
      })
    })
    return found
  }

  #decoded(end: number): OtlpLogRecord {
    const pbf = this.#pbf
    const attributes = attributeRecord()
    let eventName = ''
    let traceId: string | undefined
    let spanId: string | undefined
    let timeMs = 0
    let observedMs = 0
    this.#values.begin()
    while (pbf.pos < end) {
      const tag = readTag(pbf)
      switch (tag >>> 3) {
        case 1:
          timeMs = this.#ms()
          break
        case 6:
          this.#values.keyValue(readEnd(pbf, end), attributes)
          break
        case 9:
          traceId = this.#id(readEnd(pbf, end), 16)
          break
        case 10:
          spanId = this.#id(readEnd(pbf, end), 8)
          break
        case 11:
          observedMs = this.#ms()
          break
        case 12: {
          const nameEnd = readEnd(pbf, end)
          eventName = this.#text.name(pbf.pos, nameEnd)
          pbf.pos = nameEnd
          break
        }
        default:
          skipField(pbf, tag & 7, end)
      }
    }
    return { eventName, traceId, spanId, timeMs: timeMs || observedMs, attributes }
  }

  #ms(): number {
    const low = this.#pbf.readFixed32()
    return msOf(timeOfBits(low, this.#pbf.readFixed32()))
  }

  #id(end: number, bytes: 8 | 16): string | undefined {
    const { pos } = this.#pbf
    this.#pbf.pos = end
    if (end - pos !== bytes || isZero(this.#bytes, pos, bytes)) return undefined
    return bytes === 16 ? hex16(this.#bytes, pos) : hex8(this.#bytes, pos)
  }
}
