import type { Totals } from '@spancast/sdk'

/** A time that has passed, in a few characters: `840ms`, `2.67s`, `3m 05s`, `1h 02m`. */
export function elapsed(ms: number): string {
  if (ms < 10) return `${ms.toFixed(1)}ms`
  if (ms < 999.5) return `${Math.round(ms)}ms`
  if (ms < 59_995) return `${(ms / 1000).toFixed(2)}s`
  const seconds = Math.round(ms / 1000)
  if (seconds < 3600) return `${Math.floor(seconds / 60)}m ${two(seconds % 60)}s`
  return `${Math.floor(seconds / 3600)}h ${two(Math.floor((seconds % 3600) / 60))}m`
}

/** The time of day here, to the millisecond. */
export function timeOfDay(timestamp: number): string {
  const date = new Date(timestamp)
  const parts = [date.getHours(), date.getMinutes(), date.getSeconds()].map(two)
  return `${parts.join(':')}.${String(date.getMilliseconds()).padStart(3, '0')}`
}

export function count(value: number): string {
  return Math.round(value).toLocaleString('en-US')
}

/** `1,204→318 tok`, or that they are not known. */
export function tokens({ inputTokens, outputTokens, totalTokens }: Totals['tokenUsage']): string {
  if (inputTokens === 0 && outputTokens === 0) return `${count(totalTokens)} tok`
  return `${count(inputTokens)}→${count(outputTokens)} tok`
}

/** Dollars as far as they are known: `$0.0061`, `≥ $0.0123 (1 unpriced)`, `cost unknown`. */
export function dollars(
  { cost, unpricedCalls }: Pick<Totals, 'cost' | 'unpricedCalls'>,
  incomplete = false,
): string {
  if (cost === null) return 'cost unknown'
  const least = unpricedCalls > 0 || incomplete ? '≥ ' : ''
  const unpriced = unpricedCalls > 0 ? ` (${count(unpricedCalls)} unpriced)` : ''
  return `${least}${amount(cost)}${unpriced}`
}

function amount(usd: number): string {
  if (usd === 0 || usd >= 0.0001) return `$${usd.toFixed(usd < 100 ? 4 : 2)}`
  return `$${Number(usd.toPrecision(2))}`
}

function two(value: number): string {
  return String(value).padStart(2, '0')
}
