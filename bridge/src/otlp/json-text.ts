import { MalformedBody } from './malformed-body.ts'

/** Bytes above which a body is looked through before it is parsed: below, nothing in it can hurt. */
const SMALL = 256 * 1024
const MAX_DEPTH = 1000
/** What a parsed body may consist of: 8 million values stay below 500 MB whatever they are. */
const MAX_VALUES = 8_000_000
/** What one object may consist of: OTLP has none of more than 20 fields, and V8 is slow with very many names. */
const MAX_FIELDS = 1000

const QUOTE = 0x22
const COMMA = 0x2c
const OPEN_LIST = 0x5b
const BACKSLASH = 0x5c
const CLOSE_LIST = 0x5d
const OPEN_RECORD = 0x7b
const CLOSE_RECORD = 0x7d

/** Whether nothing in a body can hurt, or take long. */
export function isSmall(body: Buffer): boolean {
  return body.length <= SMALL
}

/**
 * The value that a text of JSON holds.
 *
 * @throws MalformedBody if it is no JSON.
 */
export function parseText(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch (error) {
    throw new MalformedBody('a body that is no valid JSON', { cause: error })
  }
}

/**
 * Holds a text to what can be parsed: nested no deeper than 1000, of no more than 8 million values, its objects of no
 * more than 1000 fields. JSON.parse would build millions of objects before anybody could object.
 */
export class JsonSize {
  // Fields that each open object may still get; lists have no such bound.
  readonly #left = new Float64Array(MAX_DEPTH + 1)
  #depth = 0
  #values = 0

  /**
   * @param byte - The next one that is in no string.
   * @throws MalformedBody if the text is nested too deep, or an object has too many fields.
   */
  see(byte: number): void {
    const left = this.#left
    if (byte === COMMA) {
      this.#values++
      left[this.#depth] = (left[this.#depth] as number) - 1
      if ((left[this.#depth] as number) < 0)
        throw new MalformedBody('JSON with an object of too many fields')
    } else if (byte === OPEN_RECORD || byte === OPEN_LIST) {
      this.#values++
      if (++this.#depth > MAX_DEPTH) throw new MalformedBody('JSON that is nested too deep')
      left[this.#depth] = byte === OPEN_RECORD ? MAX_FIELDS - 1 : Number.POSITIVE_INFINITY
    } else if (byte === CLOSE_RECORD || byte === CLOSE_LIST) {
      if (--this.#depth < 0) throw new MalformedBody('JSON that is closed before it is opened')
    }
  }

  /** @throws MalformedBody if it was too many values. */
  end(): void {
    if (this.#values > MAX_VALUES) throw new MalformedBody('JSON of too many values')
  }
}

/** Where the string ends that begins before `at`: at its closing quote, or beyond the body. */
export function endOfString(body: Buffer, at: number): number {
  while (at < body.length && body[at] !== QUOTE) at += body[at] === BACKSLASH ? 2 : 1
  return at
}
