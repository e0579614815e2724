import { MalformedBody } from './malformed-body.ts'

export type JsonRecord = Readonly<Record<string, unknown>>

const NOTHING: readonly unknown[] = Object.freeze([])

/** A JSON object; `undefined` for nothing. */
export function recordOf(value: unknown, what: string): JsonRecord | undefined {
  if (value === undefined || value === null) return undefined
  if (typeof value !== 'object' || Array.isArray(value)) throw wrong(what)
  return value as JsonRecord
}

/** A list; empty for nothing. */
export function listOf(value: unknown, what: string): readonly unknown[] {
  if (value === undefined || value === null) return NOTHING
  if (!Array.isArray(value)) throw wrong(what)
  return value
}

/** A text; empty for nothing. */
export function textOf(value: unknown, what: string): string {
  if (value === undefined || value === null) return ''
  if (typeof value !== 'string') throw wrong(what)
  return value
}

/** A whole number that is not negative; 0 for nothing. Senders that write it as a string are understood. */
export function countOf(value: unknown, what: string): number {
  if (value === undefined || value === null) return 0
  const number = typeof value === 'string' && /^\d{1,10}$/.test(value) ? Number(value) : value
  if (typeof number !== 'number' || !Number.isInteger(number) || number < 0) throw wrong(what)
  return number
}

/** An enum: its number as OTLP/JSON has it, or its name as other writers of protobuf's JSON do. */
export function enumOf(value: unknown, names: readonly string[], what: string): number {
  if (typeof value !== 'string') return countOf(value, what)
  const number = names.indexOf(value)
  if (number < 0) throw wrong(what)
  return number
}

function wrong(what: string): MalformedBody {
  return new MalformedBody(`\`${what}\` of the wrong type`)
}
