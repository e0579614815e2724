/** Replies of scripts, which a server could make anything. */

/** @throws Error for anything but a list. */
export function listOf(reply: unknown): readonly unknown[] {
  if (Array.isArray(reply)) return reply
  throw new Error(`Expected a list from Redis, got ${typeof reply}.`)
}

/** @throws Error for anything but a text or a number. */
export function textOf(reply: unknown): string {
  if (typeof reply === 'string') return reply
  if (typeof reply === 'number') return String(reply)
  throw new Error(`Expected a text from Redis, got ${typeof reply}.`)
}

/** 0 for what is not there. */
export function numberOf(reply: unknown): number {
  const value = Number(reply ?? 0)
  if (Number.isFinite(value)) return value
  throw new Error('Expected a number from Redis, got something else.')
}

/** A text; `undefined` for what is not there. */
export function textIn(reply: unknown): string | undefined {
  return reply === null || reply === undefined || reply === false ? undefined : textOf(reply)
}
