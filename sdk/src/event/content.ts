import { fitsIn } from './cap.ts'
import { pointsInto } from './json-pointer.ts'
import { JsonText } from './json-text.ts'
import { type Redact, writeJson } from './json-writer.ts'
import { copyPlain } from './plain-copy.ts'
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
 * A value at the moment of its capture: its JSON text, or what makes it. Not yet for anyone's eyes: see `publish`.
 */
export type Captured = string | CapturedContent

interface CapturedContent {
  readonly json: string
  /** The text as a value, if it is there without reading the text. */
  readonly value?: unknown
  /** Length of the text, roughly. */
  readonly length: number
  /** JSON Pointers from the value (`''`, `/a/0`) of what was shortened. */
  readonly truncated: readonly string[]
}

/** Content as a sink may show it. */
export interface Published {
  /** JSON-safe. `undefined` if the rules removed it. */
  readonly value: unknown
  /** JSON Pointers from the event of what was shortened: `/args/q`. */
  readonly truncated: readonly string[]
}

const NOTHING_CUT: readonly string[] = Object.freeze([])

/**
 * A snapshot of any value as JSON of at most `maxBytes` bytes. Never throws. What JSON has no form
 * for becomes a short text: `"[circular]"`, `"123n"`, `"[binary 1024 bytes]"`.
 */
export function capture(value: unknown, maxBytes: number): Captured {
  if (JsonText.is(value)) {
    // What is longer is cut now: all of it would be kept for what is shown of it.
    if (value.text.length <= maxBytes) return new UnreadContent(value, maxBytes)
    return capture(value.read(), maxBytes)
  }
  try {
    const plain = capturePlain(value, maxBytes)
    if (plain !== undefined) return plain
  } catch {
    // Not what it looked like: a proxy, or a getter that throws.
  }
  const { json = 'null', truncated } = writeJson(value, maxBytes)
  return truncated.length === 0 ? json : { json, length: json.length, truncated }
}

/** Captured content that is taken apart when it is first asked for. */
class UnreadContent implements CapturedContent {
  readonly length: number
  readonly #maxBytes: number
  #content: JsonText | Captured

  constructor(content: JsonText, maxBytes: number) {
    this.length = content.text.length
    this.#content = content
    this.#maxBytes = maxBytes
  }

  get json(): string {
    const content = this.#read()
    return typeof content === 'string' ? content : content.json
  }

  get truncated(): readonly string[] {
    const content = this.#read()
    return typeof content === 'string' ? NOTHING_CUT : content.truncated
  }

  #read(): Captured {
    if (this.#content instanceof JsonText) {
      this.#content = capture(this.#content.read(), this.#maxBytes)
    }
    return this.#content
  }
}

/** The cheap way, for what is plain JSON and has room. */
function capturePlain(value: unknown, maxBytes: number): Captured | undefined {
  if (typeof value === 'object' && value !== null) {
    const copy = copyPlain(value, maxBytes)
    if (copy === undefined || copy.maxBytes <= maxBytes) return copy
    const { json } = copy
    return fitsIn(json, maxBytes) ? json : undefined
  }
  if (typeof value !== 'string' || value.length > maxBytes) return undefined
  const json = JSON.stringify(value)
  return fitsIn(json, maxBytes) ? json : undefined
}

/**
 * Captured content under a sink's rules: values under secret keys and known credentials replaced,
 * then the rules' own redaction, then the cap. Never throws.
 *
 * @param captured - From `capture`, with any cap.
 * @param field - The event's field that the value is for, such as `args`.
 */
export function publish(captured: Captured, field: string, rules: ContentRules): Published {
  const json = typeof captured === 'string' ? captured : captured.json
  const truncated = typeof captured === 'string' ? NOTHING_CUT : captured.truncated
  const root = `/${field}`
  const { maxContentBytes, redact } = rules
  if (redact === undefined && fitsIn(json, maxContentBytes) && !mayHoldSecret(json)) {
    const cuts = truncated.length === 0 ? truncated : truncated.map((at) => root + at)
    return { value: valueFrom(captured, json), truncated: cuts }
  }
  return rewrite(json, truncated, root, maxContentBytes, redact)
}

function valueFrom(captured: Captured, json: string): unknown {
  const known = typeof captured === 'string' ? undefined : captured.value
  return known === undefined ? JSON.parse(json) : known
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
