import { JsonText } from '../event/json-text.ts'

/** Reads attribute values, which may be anything, as what they should be. */

export function textOf(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined
}

export function numberOf(value: unknown): number | undefined {
  return typeof value === 'number' && Number.isFinite(value) ? value : undefined
}

/** The value that a JSON string stands for; the string itself if it is no JSON. */
export function jsonOf(value: unknown): unknown {
  const content = contentIn(value)
  return JsonText.is(content) ? content.read() : content
}

/** The same for a field of content: the string is taken apart when somebody reads it. */
export function contentIn(value: unknown): unknown {
  if (typeof value !== 'string') return value
  const first = value.charCodeAt(0)
  // Only what can be JSON is tried: a thrown SyntaxError costs more than all the rest.
  const plausible =
    first === 123 || first === 91 || first === 34 || /^(-?\d|true$|false$|null$)/.test(value)
  return plausible ? new JsonText(value) : value
}

/** What a string of a JSON object or array stands for. Other strings are what they are: `42` may be a text. */
export function structureOf(value: unknown): unknown {
  if (typeof value !== 'string') return value
  const first = value.charCodeAt(0)
  return first === 123 || first === 91 ? jsonOf(value) : value
}

/** The fields of an object, or of the JSON object that a string holds; `undefined` if it is none. */
export function fieldsOf(value: unknown): Readonly<Record<string, unknown>> | undefined {
  const read = structureOf(value)
  const isObject = typeof read === 'object' && read !== null && !Array.isArray(read)
  // Any object may be read by its keys.
  return isObject ? (read as Record<string, unknown>) : undefined
}

/** The value under the only key of an object, if that is one of `keys`; else the value itself. */
export function unwrapped(value: unknown, keys: readonly string[]): unknown {
  const fields = fieldsOf(value)
  if (fields === undefined) return value
  const [key, more] = Object.keys(fields)
  return key !== undefined && more === undefined && keys.includes(key) ? fields[key] : value
}

const CALL_KEYS = new Set(['args', 'kwargs', 'sanitize_inputs_outputs'])

/**
 * What a function of Python was called with, where its positional and its named arguments stand apart: its one
 * argument, its named ones, or all of them. Any other value is what it is.
 */
export function argumentsIn(value: unknown): unknown {
  const fields = fieldsOf(value)
  const named = fieldsOf(fields?.kwargs)
  if (fields === undefined || named === undefined) return value
  if (!Object.keys(fields).every((key) => CALL_KEYS.has(key))) return value
  const args: readonly unknown[] = Array.isArray(fields.args) ? fields.args : []
  if (args.length === 0) return named
  if (Object.keys(named).length > 0) return { args, kwargs: named }
  return args.length === 1 ? structureOf(args[0]) : args
}

/** Whose API it is: `openai.chat`, as the AI SDK names it, is OpenAI's. */
export function providerOf(value: unknown): string | undefined {
  return textOf(value)?.replace(/\..*/s, '')
}
