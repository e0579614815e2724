import { attributeRecord, setAttribute } from './attribute-record.ts'
import { type JsonRecord, listOf, recordOf, textOf } from './json-fields.ts'
import { MalformedBody } from './malformed-body.ts'
import { MAX_VALUE_DEPTH } from './message-shape.ts'

const NOT_FINITE: Readonly<Record<string, number>> = {
  NaN: Number.NaN,
  Infinity: Number.POSITIVE_INFINITY,
  '-Infinity': Number.NEGATIVE_INFINITY,
}

/** Reads the values of one body that came as JSON. */
export class JsonValueReader {
  /** Values replaced by `null` because they lay too deep; how many there may be is bounded for the whole body. */
  cut = 0

  /**
   * A list of KeyValue as a record.
   *
   * @throws MalformedBody
   */
  attributes(list: unknown, depth: number = MAX_VALUE_DEPTH): Record<string, unknown> {
    const record = attributeRecord()
    for (const entry of listOf(list, 'attributes')) {
      const keyValue = recordOf(entry, 'attribute')
      if (keyValue === undefined) continue
      setAttribute(record, textOf(keyValue.key, 'key'), this.#value(keyValue.value, depth))
    }
    return record
  }

  #value(value: unknown, depth: number): unknown {
    const any = recordOf(value, 'value')
    if (any === undefined) return null
    if (depth === 0) {
      this.cut++
      return null
    }
    if (given(any.stringValue)) return textOf(any.stringValue, 'stringValue')
    if (given(any.boolValue)) return booleanOf(any.boolValue)
    if (given(any.intValue)) return int64Of(any.intValue)
    if (given(any.doubleValue)) return doubleOf(any.doubleValue)
    if (given(any.arrayValue)) return this.#list(any.arrayValue, depth - 1)
    if (given(any.kvlistValue)) return this.#record(any.kvlistValue, depth - 1)
    return given(any.bytesValue) ? bytesOf(any.bytesValue) : null
  }

  #list(value: unknown, depth: number): unknown[] {
    const list: JsonRecord = recordOf(value, 'arrayValue') ?? {}
    return listOf(list.values, 'values').map((entry) => this.#value(entry, depth))
  }

  #record(value: unknown, depth: number): Record<string, unknown> {
    const list: JsonRecord = recordOf(value, 'kvlistValue') ?? {}
    return this.attributes(list.values, depth)
  }
}

function given(value: unknown): boolean {
  return value !== undefined && value !== null
}

function booleanOf(value: unknown): boolean {
  if (typeof value !== 'boolean') throw new MalformedBody('`boolValue` of the wrong type')
  return value
}

const SMALLEST = -(2n ** 63n)
const LARGEST = 2n ** 63n - 1n

/** As a number where that is exact, else as its decimal digits. */
function int64Of(value: unknown): number | string {
  if (typeof value === 'number' && Number.isSafeInteger(value)) return value + 0
  const digits = typeof value === 'string' && /^-?\d{1,19}$/.test(value)
  if (!digits && !(typeof value === 'number' && Number.isInteger(value))) {
    throw new MalformedBody('`intValue` that is no whole number')
  }
  const exact = BigInt(value)
  if (exact < SMALLEST || exact > LARGEST) throw new MalformedBody('`intValue` beyond 64 bits')
  const number = Number(exact)
  return Number.isSafeInteger(number) ? number : exact.toString()
}

function doubleOf(value: unknown): number {
  if (typeof value === 'number') return value
  const named = typeof value === 'string' ? NOT_FINITE[value] : undefined
  if (named !== undefined) return named
  const number = typeof value === 'string' && value.trim() !== '' ? Number(value) : Number.NaN
  if (Number.isNaN(number)) throw new MalformedBody('`doubleValue` that is no number')
  return number
}

function bytesOf(value: unknown): Uint8Array {
  return Uint8Array.from(Buffer.from(textOf(value, 'bytesValue'), 'base64'))
}
