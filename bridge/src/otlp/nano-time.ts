import { MalformedBody } from './malformed-body.ts'

const NANOS = 1e9

/** A time since the Unix epoch; all zero is none. A double of nanoseconds would be off by up to 128 of them. */
export interface NanoTime {
  readonly seconds: number
  /** Below a second. */
  readonly nanos: number
}

const NO_TIME: NanoTime = Object.freeze({ seconds: 0, nanos: 0 })

/** The time that 64 bits of nanoseconds say. */
export function timeOfBits(low: number, high: number): NanoTime {
  // 2^32 ns are 4 s and 294967296 ns, 2^48 ns are 281474 s and 976710656 ns: no sum here comes near 2^53.
  const upper = high >>> 16
  const lower = high & 0xffff
  const nanos = upper * 976_710_656 + lower * 294_967_296 + low
  const more = Math.floor(nanos / NANOS)
  return { seconds: upper * 281_474 + lower * 4 + more, nanos: nanos - more * NANOS }
}

const LARGEST = '18446744073709551615'

/**
 * The time as OTLP/JSON writes it: nanoseconds as a decimal string, or as a number. Nothing is none.
 *
 * @throws MalformedBody
 */
export function timeOfJson(value: unknown): NanoTime {
  if (value === undefined || value === null) return NO_TIME
  if (typeof value === 'string' && /^\d{1,20}$/.test(value)) {
    if (value.length === LARGEST.length && value > LARGEST) throw beyond()
    return { seconds: Number(value.slice(0, -9)), nanos: Number(value.slice(-9)) }
  }
  if (typeof value === 'number' && Number.isInteger(value) && value >= 0) {
    if (value >= 2 ** 64) throw beyond()
    return { seconds: Math.floor(value / NANOS), nanos: value % NANOS }
  }
  throw new MalformedBody('a time that is no whole number of nanoseconds')
}

function beyond(): MalformedBody {
  return new MalformedBody('a time beyond 64 bits')
}

/** Milliseconds since the Unix epoch, fractional: the very double that `seconds * 1000 + nanos / 1e6` is elsewhere. */
export function msOf({ seconds, nanos }: NanoTime): number {
  return seconds * 1000 + nanos / 1e6
}

/** Milliseconds between two times, exact to the nanosecond; 0 if the end comes first or one of them is none. */
export function msBetween(start: NanoTime, end: NanoTime): number {
  if (isNone(start) || isNone(end)) return 0
  const seconds = end.seconds - start.seconds
  const nanos = end.nanos - start.nanos
  const ms = nanos < 0 ? (seconds - 1) * 1000 + (nanos + NANOS) / 1e6 : seconds * 1000 + nanos / 1e6
  return Math.max(0, ms)
}

export function isNone({ seconds, nanos }: NanoTime): boolean {
  return seconds === 0 && nanos === 0
}
