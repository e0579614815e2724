/** Longest wait that an upstream is believed, in milliseconds. It may be well again long before what it said. */
export const MAX_RETRY_AFTER_MS = 60_000

const SECONDS = /^\d+$/
const HTTP_DATE = /^(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)[a-z]*,? .*\d\d:\d\d:\d\d/

/**
 * What a `Retry-After` header asks for, in milliseconds: seconds or any of the three HTTP dates, at most
 * `MAX_RETRY_AFTER_MS`.
 *
 * @param now - Milliseconds since the Unix epoch.
 * @returns `undefined` for a header that is missing or is neither.
 */
export function retryAfterMs(header: string | undefined, now: number): number | undefined {
  const value = header?.trim() ?? ''
  if (SECONDS.test(value)) return Math.min(Number(value) * 1000, MAX_RETRY_AFTER_MS)
  if (!HTTP_DATE.test(value)) return undefined
  // The form of asctime() names no zone, and means GMT.
  const at = Date.parse(value.endsWith('GMT') ? value : `${value} GMT`)
  return Number.isNaN(at) ? undefined : Math.min(Math.max(0, at - now), MAX_RETRY_AFTER_MS)
}
