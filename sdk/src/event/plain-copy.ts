// Plain and shallow is what the cheap way is for; a cycle ends here too.
const MAX_DEPTH = 8

/** Bytes of JSON that one UTF-16 unit can become: `\u0000`. */
const LONGEST_UNIT = 6

// V8 keeps a slice of a text by keeping the text, but shorter slices than this it copies.
const SHORTEST_SLICE = 13

const WHOLE: readonly string[] = Object.freeze([])

const OBJECT = Symbol('{')
const ARRAY = Symbol('[')
const END = Symbol('end')

/** A value in the order of its JSON: keys and values in turn, objects and arrays between their marks. */
type Tokens = readonly unknown[]

/**
 * A snapshot of a plain JSON value, taken for a fraction of what its text costs: every wrapped call takes two, and
 * most are never read. The text is made when it is asked for, each time anew.
 */
export class PlainCopy {
  readonly #tokens: Tokens
  /** Length of the JSON text, roughly. */
  readonly length: number

  constructor(tokens: Tokens, length: number) {
    this.#tokens = tokens
    this.length = length
  }

  /** Nothing of it was shortened. */
  get truncated(): readonly string[] {
    return WHOLE
  }

  /** Bytes that the JSON text takes at most. */
  get maxBytes(): number {
    return LONGEST_UNIT * this.length
  }

  get json(): string {
    return textOf(this.#tokens)
  }

  /** What `JSON.parse` would make of the text. */
  get value(): unknown {
    return valueFrom(this.#tokens)
  }
}

// Shared by all copies, since one is made at a time: growing an array anew for each is most of the cost.
const scratch: unknown[] = []
let used = 0
let room = 0
let copying = false

/**
 * Copies an object or array of at most `maxLength` characters of JSON.
 *
 * @returns `undefined` if the value is larger, deeper than 8 levels or anything but plain JSON.
 * @throws what a getter or proxy in it throws.
 */
export function copyPlain(value: object, maxLength: number): PlainCopy | undefined {
  // A getter may run the application's code, and that another observed call.
  if (copying) return undefined
  copying = true
  used = 0
  room = maxLength
  try {
    if (!copyContainer(value, MAX_DEPTH)) return undefined
    return new PlainCopy(scratch.slice(0, used), maxLength - room)
  } finally {
    copying = false
    scratch.fill(undefined, 0, used)
  }
}

function copyContainer(value: object, depth: number): boolean {
  if (depth === 0) return false
  return Array.isArray(value) ? copyArray(value, depth - 1) : copyObject(value, depth - 1)
}

function copyArray(value: readonly unknown[], depth: number): boolean {
  if (value.length > room) return false
  scratch[used++] = ARRAY
  for (let at = 0; at < value.length; at++) {
    if (!copyValue(value[at] ?? null, depth)) return false
  }
  scratch[used++] = END
  room -= 2
  return room >= 0
}

function copyObject(value: object, depth: number): boolean {
  const prototype: unknown = Object.getPrototypeOf(value)
  if (prototype !== Object.prototype && prototype !== null) return false
  scratch[used++] = OBJECT
  // A plain object has no fields but its own, so none is asked for being its own.
  for (const name in value) {
    const field = (value as Record<string, unknown>)[name]
    if (field === undefined) continue
    room -= name.length + 3
    scratch[used++] = name
    if (!copyValue(field, depth)) return false
  }
  scratch[used++] = END
  room -= 2
  return room >= 0
}

function copyValue(value: unknown, depth: number): boolean {
  switch (typeof value) {
    case 'string':
      room -= value.length + 3
      if (room < 0) return false
      scratch[used++] = value.length < SHORTEST_SLICE ? value : unsliced(value)
      return true
    case 'number':
      if (!Number.isFinite(value)) return false
      room -= 8
      // JSON knows no -0.
      scratch[used++] = value + 0
      return room >= 0
    case 'boolean':
      room -= 6
      break
    case 'object':
      if (value !== null) return copyContainer(value, depth)
      room -= 5
      break
    default:
      return false
  }
  scratch[used++] = value
  return room >= 0
}

/** The text by itself: what was cut from a large one would keep that one in memory. */
function unsliced(text: string): string {
  return ` ${text}`.slice(1)
}

function textOf(tokens: Tokens): string {
  let json = ''
  let comma = ''
  // Whether the open containers are objects, innermost in the lowest bit: there are at most 8.
  let objects = 0
  let keyNext = false
  for (const token of tokens) {
    if (token === END) {
      json += objects & 1 ? '}' : ']'
      objects >>= 1
      comma = ','
      keyNext = (objects & 1) === 1
    } else if (keyNext && typeof token === 'string') {
      json += `${comma}${quote(token)}:`
      comma = ''
      keyNext = false
    } else if (token === OBJECT || token === ARRAY) {
      json += token === OBJECT ? `${comma}{` : `${comma}[`
      objects = (objects << 1) | (token === OBJECT ? 1 : 0)
      comma = ''
      keyNext = token === OBJECT
    } else {
      json += comma + (typeof token === 'string' ? quote(token) : JSON.stringify(token))
      comma = ','
      keyNext = (objects & 1) === 1
    }
  }
  return json
}

function valueFrom(tokens: Tokens): unknown {
  let at = 0
  const next = (): unknown => {
    const token = tokens[at++]
    if (token === ARRAY) {
      const items: unknown[] = []
      while (tokens[at] !== END) items.push(next())
      at++
      return items
    }
    if (token !== OBJECT) return token
    const members: Record<string, unknown> = {}
    while (tokens[at] !== END) {
      // Between the marks of an object every other token is a key.
      const name = tokens[at++] as string
      if (name === '__proto__') defineMember(members, name, next())
      else members[name] = next()
    }
    at++
    return members
  }
  return next()
}

/** Assigning it would set the prototype. */
function defineMember(members: object, name: string, value: unknown): void {
  Object.defineProperty(members, name, {
    value,
    configurable: true,
    enumerable: true,
    writable: true,
  })
}

// Everything else than these needs no escape; `JSON.stringify` escapes half surrogates too.
const PLAIN_TEXT = /^[\x20\x21\x23-\x5b\x5d-\ud7ff\ue000-\uffff]*$/

function quote(text: string): string {
  return PLAIN_TEXT.test(text) ? `"${text}"` : JSON.stringify(text)
}
