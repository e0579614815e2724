import { cutToJson, wellFormed } from './cap.ts'
import { JsonDraft } from './json-draft.ts'
import { isSecretKey } from './secret-keys.ts'
import { REDACTED, SCRUB_MARGIN, scrubHead, scrubText } from './secrets.ts'
import { hasMethod, labelOf, standIn } from './stand-in.ts'

const MAX_DEPTH = 32
const THREW = '[threw]'
const REDACTION_FAILED = '[redaction failed]'
const SHORTEST_CUT = '"…"'
const SHORTEST_CUT_BYTES = 5

export type Redact = (value: unknown, path: string) => unknown

interface Written {
  /** Valid JSON; `undefined` if nothing is left of the value: it is `undefined`, or was removed. */
  readonly json: string | undefined
  /** JSON Pointers of what was shortened. */
  readonly truncated: readonly string[]
}

// 'absent': JSON has no place for it. 'full': not even its shortest form has room.
type Outcome = 'written' | 'absent' | 'full'

/**
 * Any value as JSON of at most `maxBytes`, in one pass whose work follows `maxBytes` and not the
 * value. Secrets are replaced before anything is cut. Reads each getter once and never throws.
 *
 * @param root - Where the value stands, for the pointers: `''`, or `/args`.
 * @param redact - See `ContentRules.redact`.
 */
export function writeJson(value: unknown, maxBytes: number, root = '', redact?: Redact): Written {
  return new JsonWriter(maxBytes, root, redact).run(value)
}

class JsonWriter {
  readonly #draft: JsonDraft
  readonly #least: Written
  #redact: Redact | undefined
  /** Members and characters that may still be looked at: what is left out costs too. */
  #work: number

  constructor(maxBytes: number, root: string, redact: Redact | undefined) {
    this.#draft = new JsonDraft(maxBytes, root)
    this.#least = { json: maxBytes >= SHORTEST_CUT_BYTES ? SHORTEST_CUT : '""', truncated: [root] }
    this.#work = 16 * (maxBytes + SCRUB_MARGIN)
    this.#redact = redact
  }

  run(value: unknown): Written {
    const outcome = this.#value(value)
    if (outcome === 'absent') return { json: undefined, truncated: [] }
    if (outcome === 'full') return this.#least
    return { json: this.#draft.json, truncated: this.#draft.cuts }
  }

  #value(value: unknown): Outcome {
    const redact = this.#redact
    if (redact === undefined) return this.#plain(value)
    const shown = typeof value === 'string' ? scrubText(value) : value
    const answer = this.#ask(redact, shown)
    if (answer === shown) return this.#plain(shown)
    this.#redact = undefined
    const outcome = this.#plain(answer)
    this.#redact = redact
    return outcome
  }

  #ask(redact: Redact, value: unknown): unknown {
    try {
      return redact(value, this.#draft.pointer())
    } catch {
      return REDACTION_FAILED
    }
  }

  #plain(value: unknown): Outcome {
    switch (typeof value) {
      case 'undefined':
        return 'absent'
      case 'string':
        return this.#string(value)
      case 'number':
        return Number.isFinite(value)
          ? this.#append(JSON.stringify(value))
          : this.#string(`${value}`)
      case 'boolean':
        return this.#append(value ? 'true' : 'false')
      case 'object':
        return value === null ? this.#append('null') : this.#guarded(value, true)
      case 'bigint':
      case 'symbol':
      case 'function':
        return this.#label(value)
    }
  }

  #label(value: bigint | symbol | object): Outcome {
    try {
      return this.#string(labelOf(value))
    } catch {
      return this.#string(THREW)
    }
  }

  #append(json: string): Outcome {
    return this.#draft.append(json) ? 'written' : 'full'
  }

  #string(text: string): Outcome {
    const room = this.#draft.room
    this.#work -= Math.min(text.length, room + SCRUB_MARGIN)
    if (room < 2 || this.#work < 0) return 'full'
    const head = wellFormed(scrubHead(text, room))
    if (text.length <= room + SCRUB_MARGIN) {
      const json = JSON.stringify(head)
      if (this.#draft.append(json)) return 'written'
    }
    // A long string leaves a quarter to what stands beside it.
    const share = this.#draft.depth === 0 ? room : room - (room >> 2)
    if (share < SHORTEST_CUT_BYTES) return 'full'
    const json = cutToJson(head, share)
    this.#draft.cut()
    return this.#append(json)
  }

  #guarded(value: object, askToJson: boolean): Outcome {
    const mark = this.#draft.mark()
    try {
      return this.#object(value, askToJson)
    } catch {
      this.#draft.restore(mark)
      return this.#string(THREW)
    }
  }

  #object(value: object, askToJson: boolean): Outcome {
    if (Array.isArray(value)) return this.#container(value, '[]', () => this.#elements(value))
    const tag = Object.prototype.toString.call(value)
    if (tag === '[object Set]') return this.#container(value, '[]', () => this.#set(value))
    if (tag === '[object Map]') return this.#map(value)
    const other = standIn(value)
    if (typeof other === 'object' && other !== null) {
      return this.#container(value, '{}', () => this.#fields(other))
    }
    if (other !== undefined) return this.#plain(other)
    if (askToJson && hasMethod(value, 'toJSON')) {
      const answer: unknown = Reflect.apply(Reflect.get(value, 'toJSON'), value, [this.#draft.step])
      // Asked once: an answer that has a toJSON of its own could go on for ever.
      const isObject = typeof answer === 'object' && answer !== null
      return isObject ? this.#guarded(answer, false) : this.#plain(answer)
    }
    return this.#container(value, '{}', () => this.#fields(value))
  }

  #container(value: object, brackets: '[]' | '{}', fill: () => boolean): Outcome {
    if (this.#draft.isOpen(value)) return this.#string('[circular]')
    if (this.#draft.depth >= MAX_DEPTH) {
      this.#draft.cut()
      return this.#string('[too deep]')
    }
    if (this.#draft.room < 2) return 'full'
    this.#draft.open(value, brackets.charAt(0))
    if (!fill()) this.#draft.cut()
    this.#draft.close(brackets.charAt(1))
    return 'written'
  }

  #elements(array: readonly unknown[]): boolean {
    for (let at = 0; at < array.length; at++) {
      if (!this.#element(at, read(array, String(at)))) return false
    }
    return true
  }

  #set(set: object): boolean {
    let at = 0
    for (const value of Set.prototype.values.call(set)) {
      if (!this.#element(at, value)) return false
      at++
    }
    return true
  }

  /** An object if all keys are strings, else an array of pairs. */
  #map(map: object): Outcome {
    let looked = 0
    for (const key of Map.prototype.keys.call(map)) {
      if (typeof key !== 'string') return this.#container(map, '[]', () => this.#pairs(map))
      // More members have no room anyway.
      if (++looked > this.#draft.room) break
    }
    return this.#container(map, '{}', () => this.#entries(map))
  }

  #pairs(map: object): boolean {
    let at = 0
    for (const [key, value] of Map.prototype.entries.call(map)) {
      const secret = typeof key === 'string' && isSecretKey(key)
      if (!this.#element(at, [key, secret ? REDACTED : value])) return false
      at++
    }
    return true
  }

  #entries(map: object): boolean {
    let count = 0
    for (const [key, value] of Map.prototype.entries.call(map)) {
      const outcome = this.#member(String(key), value, count > 0)
      if (outcome === 'full') return false
      if (outcome === 'written') count++
    }
    return true
  }

  #fields(value: object): boolean {
    let count = 0
    // In place of Object.keys, which would list a million names to write a hundred.
    for (const name in value) {
      if (--this.#work < 0) return false
      if (!Object.hasOwn(value, name)) continue
      const outcome = this.#member(name, read(value, name), count > 0)
      if (outcome === 'full') return false
      if (outcome === 'written') count++
    }
    return true
  }

  #member(name: string, value: unknown, follows: boolean): Outcome {
    if (--this.#work < 0 || name.length > this.#draft.room) return 'full'
    if (value === undefined) return 'absent'
    const key = wellFormed(scrubText(name))
    const lead = `${follows ? ',' : ''}${JSON.stringify(key)}:`
    return this.#placed(key, lead, isSecretKey(name) ? REDACTED : value)
  }

  #element(at: number, value: unknown): boolean {
    if (--this.#work < 0) return false
    const lead = at > 0 ? ',' : ''
    const outcome = this.#placed(String(at), lead, value)
    // A hole keeps the places of what follows.
    return (
      (outcome === 'absent' ? this.#placed(String(at), lead, null, false) : outcome) === 'written'
    )
  }

  #placed(step: string, lead: string, value: unknown, redacted = true): Outcome {
    const mark = this.#draft.mark()
    this.#draft.stepIn(step)
    let outcome = this.#append(lead)
    if (outcome === 'written') outcome = redacted ? this.#value(value) : this.#plain(value)
    if (outcome === 'written') this.#draft.stepOut()
    else this.#draft.restore(mark)
    return outcome
  }
}

function read(value: object, name: string): unknown {
  try {
    return Reflect.get(value, name)
  } catch {
    return THREW
  }
}
