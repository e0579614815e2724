/** The attribute keys that make a span or a log record worth reading, as a question that costs next to nothing. */
export class KeyPrefixes {
  readonly #texts: readonly string[]
  /** By the first byte of a key: almost all keys of other spans are out after one look. */
  readonly #byFirst: readonly (readonly Uint8Array[] | undefined)[]

  /** @param prefixes - What a key begins with, such as `gen_ai.`; a whole key is a prefix too. */
  constructor(prefixes: readonly string[]) {
    const byFirst = new Array<Uint8Array[] | undefined>(256).fill(undefined)
    for (const prefix of prefixes) {
      const bytes = Buffer.from(prefix)
      const first = bytes[0]
      if (first === undefined) continue
      const list = byFirst[first] ?? []
      list.push(bytes)
      byFirst[first] = list
    }
    this.#texts = prefixes.filter((prefix) => prefix !== '')
    this.#byFirst = byFirst
  }

  /** Whether the key in `bytes` from `start` to `end` is one of them. */
  matchesBytes(bytes: Uint8Array, start: number, end: number): boolean {
    if (start >= end) return false
    const candidates = this.#byFirst[bytes[start] as number]
    if (candidates === undefined) return false
    for (const prefix of candidates) {
      if (prefix.length <= end - start && startsWith(bytes, start, prefix)) return true
    }
    return false
  }

  matches(key: string): boolean {
    return this.#texts.some((prefix) => key.startsWith(prefix))
  }
}

function startsWith(bytes: Uint8Array, start: number, prefix: Uint8Array): boolean {
  for (let i = 1; i < prefix.length; i++) {
    if (bytes[start + i] !== prefix[i]) return false
  }
  return true
}
