const SLOTS = 512
const LONGEST = 64
/** Values up to here are often one of a few: a model, an operation, a state. */
const SHORT_VALUE = 24

/**
 * Text out of one body. Keys and names come again and again, and finding one that was read before costs a fraction of
 * decoding it. Bytes that are no UTF-8 become U+FFFD.
 */
export class TextCache {
  readonly #bytes: Buffer

  constructor(bytes: Buffer) {
    this.#bytes = bytes
  }

  /** Text that is likely to come again: a key, a name. */
  name(start: number, end: number): string {
    const length = end - start
    if (length === 0) return ''
    const bytes = this.#bytes
    if (length > LONGEST) return bytes.toString('utf8', start, end)
    let hash = length
    for (let i = start; i < end; i++) hash = (Math.imul(hash, 31) + (bytes[i] as number)) | 0
    const slot = (hash ^ (hash >>> 8) ^ (hash >>> 16)) & (SLOTS - 1)
    if (slots.of !== this) {
      slots.of = this
      slots.lengths.fill(0)
    }
    const { starts, lengths, texts } = slots
    if (lengths[slot] === length && same(bytes, starts[slot] as number, start, length)) {
      return texts[slot] as string
    }
    const text = bytes.toString('utf8', start, end)
    starts[slot] = start
    lengths[slot] = length
    texts[slot] = text
    return text
  }

  /** Text that is likely to be the only one of its kind. */
  value(start: number, end: number): string {
    return end - start <= SHORT_VALUE
      ? this.name(start, end)
      : this.#bytes.toString('utf8', start, end)
  }
}

/** Shared by all bodies, since one is mostly read to its end before the next: making them anew costs more. */
const slots = {
  of: undefined as TextCache | undefined,
  starts: new Int32Array(SLOTS),
  lengths: new Uint8Array(SLOTS),
  texts: new Array<string>(SLOTS).fill(''),
}

function same(bytes: Uint8Array, a: number, b: number, length: number): boolean {
  for (let i = 0; i < length; i++) {
    if (bytes[a + i] !== bytes[b + i]) return false
  }
  return true
}
