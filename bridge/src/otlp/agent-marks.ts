type PrefixesByFirst = readonly (readonly Uint8Array[] | undefined)[]

/** The attribute keys and the scopes that make a span worth reading, as questions that cost next to nothing. */
export class AgentMarks {
  readonly #texts: readonly string[]
  /** By the first byte of a key: almost all keys of other spans are out after one look. */
  readonly #byFirst: PrefixesByFirst
  readonly #scopes: ReadonlySet<string>
  readonly #scopeBytes: readonly Uint8Array[]
  readonly #tellingByFirst: PrefixesByFirst

  /**
   * @param prefixes - What a key begins with, such as `gen_ai.`; a whole key is a prefix too.
   * @param scopes - Names of instrumentation scopes whose spans need no such key.
   * @param telling - Those prefixes whose keys may say what a span cannot be folded without.
   */
  constructor(
    prefixes: readonly string[],
    scopes: readonly string[] = [],
    telling: readonly string[] = [],
  ) {
    this.#scopes = new Set(scopes)
    this.#scopeBytes = scopes.map((name) => Buffer.from(name))
    this.#texts = prefixes.filter((prefix) => prefix !== '')
    this.#byFirst = byFirstByte(prefixes)
    this.#tellingByFirst = byFirstByte(telling)
  }

  /** Whether the key in `bytes` from `start` to `end` is one of them. */
  matchesBytes(bytes: Uint8Array, start: number, end: number): boolean {
    return beginsWithOne(this.#byFirst, bytes, start, end)
  }

  /** Whether it is one of those that may say what a span cannot be folded without. */
  isTellingBytes(bytes: Uint8Array, start: number, end: number): boolean {
    return beginsWithOne(this.#tellingByFirst, bytes, start, end)
  }

  isScope(name: string): boolean {
    return this.#scopes.has(name)
  }

  isScopeBytes(
    bytes: Uint8Array,
    { from, to }: { readonly from: number; readonly to: number },
  ): boolean {
    for (const name of this.#scopeBytes) {
      if (name.length === to - from && bytes[from] === name[0] && startsWith(bytes, from, name)) {
        return true
      }
    }
    return false
  }

  matches(key: string): boolean {
    return this.#texts.some((prefix) => key.startsWith(prefix))
  }
}

function byFirstByte(prefixes: readonly string[]): PrefixesByFirst {
  const byFirst = new Array<Uint8Array[] | undefined>(256).fill(undefined)
  for (const prefix of prefixes) {
    const bytes = Buffer.from(prefix)
    const first = bytes[0]
    if (first === undefined) continue
    const list = byFirst[first] ?? []
    list.push(bytes)
    byFirst[first] = list
  }
  return byFirst
}

function beginsWithOne(
  byFirst: PrefixesByFirst,
  bytes: Uint8Array,
  start: number,
  end: number,
): boolean {
  if (start >= end) return false
  const candidates = byFirst[bytes[start] as number]
  if (candidates === undefined) return false
  for (const prefix of candidates) {
    if (prefix.length <= end - start && startsWith(bytes, start, prefix)) return true
  }
  return false
}

function startsWith(bytes: Uint8Array, start: number, prefix: Uint8Array): boolean {
  for (let i = 1; i < prefix.length; i++) {
    if (bytes[start + i] !== prefix[i]) return false
  }
  return true
}
