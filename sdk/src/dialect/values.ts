/** Reads attribute values, which may be anything, as what they should be. */

export function textOf(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined
}

export function numberOf(value: unknown): number | undefined {
  return typeof value === 'number' && Number.isFinite(value) ? value : undefined
}

/** The value that a JSON string stands for; the string itself if it is no JSON. */
export function jsonOf(value: unknown): unknown {
  if (typeof value !== 'string') return value
  const first = value.charCodeAt(0)
  // Only what can be JSON is tried: a thrown SyntaxError costs more than all the rest.
  const plausible =
    first === 123 || first === 91 || first === 34 || /^(-?\d|true$|false$|null$)/.test(value)
  if (!plausible) return value
  try {
    return JSON.parse(value)
  } catch {
    return value
  }
}
