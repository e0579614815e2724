const FIRST_MS = 200
const LONGEST_MS = 5000
// What a bridge may ask for: one that asks for an hour is misconfigured, and its readers wait meanwhile.
const LONGEST_ASKED_MS = 30_000

/**
 * How long to wait before trying again, in milliseconds: anything up to a bound that doubles, so that many senders
 * do not come back at once.
 *
 * @param failures - In a row, from 1.
 */
export function backoffMs(failures: number): number {
  return Math.random() * Math.min(LONGEST_MS, FIRST_MS * 2 ** (failures - 1))
}

/** What a `Retry-After` header asks for, in milliseconds, at most 30 s; `undefined` if it asks for nothing. */
export function retryAfterMs(header: string | undefined, now: number): number | undefined {
  if (header === undefined) return undefined
  const asked = /^\d+$/.test(header) ? Number(header) * 1000 : Date.parse(header) - now
  return Number.isNaN(asked) ? undefined : Math.min(LONGEST_ASKED_MS, Math.max(0, asked))
}
