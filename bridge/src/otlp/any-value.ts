import type { PbfReader } from 'pbf'
import { attributeRecord, setAttribute } from './attribute-record.ts'
import { MAX_VALUE_DEPTH, MAX_VALUES } from './message-shape.ts'
import type { TextCache } from './text-cache.ts'
import { readEnd, readTag, skipField } from './wire.ts'

/** Reads the values of one body. */
export class ValueReader {
  readonly #pbf: PbfReader
  readonly #text: TextCache
  #left = MAX_VALUES
  /** What was cut: values that lay too deep are `null`, those beyond `MAX_VALUES` are left out. */
  cut = 0

  constructor(pbf: PbfReader, text: TextCache) {
    this.#pbf = pbf
    this.#text = text
  }

  /** Begins with another span or record, which may hold as many values as the one before. */
  begin(): void {
    this.#left = MAX_VALUES
  }

  /** Whether one more may be read. If not, goes past what ends at `end`, and counts it. */
  admits(end: number): boolean {
    if (this.#left-- > 0) return true
    this.#pbf.pos = end
    this.cut++
    return false
  }

  /** Reads the KeyValue that ends at `end` into the record. */
  keyValue(end: number, into: Record<string, unknown>, depth: number = MAX_VALUE_DEPTH): void {
    if (!this.admits(end)) return
    const pbf = this.#pbf
    let key = ''
    let value: unknown = null
    while (pbf.pos < end) {
      const tag = readTag(pbf)
      const field = tag >>> 3
      if (field === 1) {
        const keyEnd = readEnd(pbf, end)
        key = this.#text.name(pbf.pos, keyEnd)
        pbf.pos = keyEnd
      } else if (field === 2) {
        value = this.#value(readEnd(pbf, end), depth)
      } else {
        skipField(pbf, tag & 7, end)
      }
    }
    setAttribute(into, key, value)
  }

  /** The AnyValue that ends at `end`; `null` if it is empty or of a kind that is not known. */
  #value(end: number, depth: number): unknown {
    const pbf = this.#pbf
    if (depth === 0) {
      pbf.pos = end
      this.cut++
      return null
    }
    let value: unknown = null
    while (pbf.pos < end) {
      const tag = readTag(pbf)
      switch (tag >>> 3) {
        case 1: {
          const textEnd = readEnd(pbf, end)
          value = this.#text.value(pbf.pos, textEnd)
          pbf.pos = textEnd
          break
        }
        case 2:
          value = pbf.readVarint() !== 0
          break
        case 3:
          value = this.#int64()
          break
        case 4:
          value = pbf.readDouble()
          break
        case 5:
          value = this.#list(readEnd(pbf, end), depth - 1)
          break
        case 6:
          value = this.#record(readEnd(pbf, end), depth - 1)
          break
        case 7: {
          const bytesEnd = readEnd(pbf, end)
          // A copy: a view would hold the whole body.
          value = Uint8Array.from(pbf.buf.subarray(pbf.pos, bytesEnd))
          pbf.pos = bytesEnd
          break
        }
        default:
          skipField(pbf, tag & 7, end)
      }
    }
    return value
  }

  #list(end: number, depth: number): unknown[] {
    const pbf = this.#pbf
    const values: unknown[] = []
    while (pbf.pos < end) {
      const tag = readTag(pbf)
      if (tag >>> 3 === 1) {
        const valueEnd = readEnd(pbf, end)
        if (this.admits(valueEnd)) values.push(this.#value(valueEnd, depth))
      } else {
        skipField(pbf, tag & 7, end)
      }
    }
    return values
  }

  #record(end: number, depth: number): Record<string, unknown> {
    const pbf = this.#pbf
    const record = attributeRecord()
    while (pbf.pos < end) {
      const tag = readTag(pbf)
      if (tag >>> 3 === 1) this.keyValue(readEnd(pbf, end), record, depth)
      else skipField(pbf, tag & 7, end)
    }
    return record
  }

  #int64(): number | string {
    const pbf = this.#pbf
    const start = pbf.pos
    const value = pbf.readVarint(true)
    return Number.isSafeInteger(value) ? value : exactInt64(pbf.buf, start)
  }
}

/** The decimal digits of the varint at `at`. */
function exactInt64(bytes: Uint8Array, at: number): string {
  let value = 0n
  for (let shift = 0n; shift < 70n; shift += 7n) {
    const byte = bytes[at++] as number
    value |= BigInt(byte & 0x7f) << shift
    if (byte < 0x80) break
  }
  return BigInt.asIntN(64, value).toString()
}
