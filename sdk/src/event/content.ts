import { fitsIn } from './cap.ts'
import { pointsInto } from './json-pointer.ts'
import { type Redact, writeJson } from './json-writer.ts'
import { mayHoldSecret } from './secrets.ts'

export { SECRET_KEYS } from './secret-keys.ts'

/** Bytes of one content field unless told otherwise. */
export const DEFAULT_MAX_CONTENT_BYTES = 32_768

/** What one sink may see of content. */
export interface ContentRules {
  /** Bytes (UTF-8) of one content field as JSON; what exceeds them is cut. 64 or more is sensible. Default 32 768. */
  readonly maxContentBytes: number
  /**
   * Called for every value in a content field, the outermost first, with its JSON Pointer from the
   * event: `/args`, `/args/q`. Secrets in strings and under secret keys are replaced already.
   * `undefined` removes the value (in an array it leaves `null`); another value than the given one
   * takes its place as it is, but for secrets and the cap. A throw yields `"[redaction failed]"`.
   * Must be synchronous.
   */
  readonly redact?: (value: unknown, path: string) => unknown
}

/**
 * JSON text of a value at the moment of its capture; with the JSON Pointers from the value (`''`,
 * `/a/0`) of what was shortened, if anything was. Not yet for anyone's eyes: see `publish`.
 */
export type Captured = string | { readonly json: string; readonly truncated: readonly string[] }

/** Content as a sink may show it. */
export interface Published {
  /** JSON-safe. `undefined` if the rules removed it. */
  readonly value: unknown
  /** JSON Pointers from the event of what was shortened: `/args/q`. */
  readonly truncated: readonly string[]
}

const NOTHING_CUT: readonly string[] = Object.freeze([])

// Plain and shallow is what the cheap way is for; a cycle ends here too.
const MAX_PLAIN_DEPTH = 8

/**
 * A snapshot of any value as JSON of at most `maxBytes` bytes. Never throws. What JSON has no form
 * for becomes a short text: `"[circular]"`, `"123n"`, `"[binary 1024 bytes]"`.
 */
export function capture(value: unknown, maxBytes: number): Captured {
  try {
    if (value !== undefined && plainRoom(value, MAX_PLAIN_DEPTH, maxBytes) >= 0) {
      const json = JSON.stringify(value)
      if (fitsIn(json, maxBytes)) return json
    }
  } catch {
    // Not what it looked like: a proxy, or a getter with two answers.
  }
  const { json = 'null', truncated } = writeJson(value, maxBytes)
  return truncated.length === 0 ? json : { json, truncated }
}

/**
 * Captured content under a sink's rules: values under secret keys and known credentials replaced,
 * then the rules' own redaction, then the cap. Never throws.
 *
 * @param captured - From `capture`, with any cap.
 * @param field - The event's field that the value is for, such as `args`.
 */
export function publish(captured: Captured, field: string, rules: ContentRules): Published {
  const { json, truncated } =
    typeof captured === 'string' ? { json: captured, truncated: NOTHING_CUT } : captured
  const root = `/${field}`
  const { maxContentBytes, redact } = rules
  if (redact === undefined && fitsIn(json, maxContentBytes) && !mayHoldSecret(json)) {
    const cuts = truncated.length === 0 ? truncated : truncated.map((at) => root + at)
    return { value: JSON.parse(json), truncated: cuts }
  }
  return rewrite(json, truncated, root, maxContentBytes, redact)
}

function rewrite(
  json: string,
  cutBefore: readonly string[],
  root: string,
  maxBytes: number,
  redact: Redact | undefined,
): Published {
  const written = writeJson(JSON.parse(json), maxBytes, root, redact)
  if (written.json === undefined) return { value: undefined, truncated: NOTHING_CUT }
  const value: unknown = JSON.parse(written.json)
  if (cutBefore.length + written.truncated.length === 0) return { value, truncated: NOTHING_CUT }
  const cuts = new Set([...cutBefore.map((at) => root + at), ...written.truncated])
  const there = [...cuts].filter((at) => pointsInto(value, at.slice(root.length)))
  return { value, truncated: there.length === 0 ? NOTHING_CUT : there }
}

/**
 * Room that is left, or less than 0 if the value is too large, too deep or anything but plain JSON.
 * Allocates nothing: this runs in every wrapped call.
 */
function plainRoom(value: unknown, depth: number, room: number): number {
  switch (typeof value) {
    case 'string':
      return room - value.length
    case 'number':
      return Number.isFinite(value) ? room - 1 : -1
    case 'boolean':
    case 'undefined':
      return room - 1
    case 'object':
      return value === null ? room - 1 : depth === 0 ? -1 : containerRoom(value, depth - 1, room)
    default:
      return -1
  }
}

function containerRoom(value: object, depth: number, room: number): number {
  let left = room - 2
  if (Array.isArray(value)) {
    if (value.length > left) return -1
    for (let at = 0; at < value.length && left >= 0; at++)
      left = plainRoom(value[at], depth, left - 1)
    return left
  }
  const prototype: unknown = Object.getPrototypeOf(value)
  if (prototype !== Object.prototype && prototype !== null) return -1
  // A plain object has no fields but its own, so none is asked for being its own.
  for (const name in value) {
    const field = (value as Record<string, unknown>)[name]
    left -= name.length + 4
    // Text and flags are most of what there is: no call for them.
    if (typeof field === 'string') left -= field.length
    else if (typeof field === 'boolean' || field === null) left -= 1
    else left = plainRoom(field, depth, left)
    if (left < 0) return -1
  }
  return left
}
