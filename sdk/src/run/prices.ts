import type { TokenUsage } from '../event/usage.ts'

/**
 * What one model call costs, in US dollars; `null` if it is not known. Called once a call, when it ends. One that
 * throws counts as not known.
 */
export type Prices = (
  usage: TokenUsage,
  call: { readonly model: string | null; readonly provider: string | undefined },
) => number | null | undefined

/** The cost of a call: what the span carries wins over what `prices` says. */
export function costOf(
  carried: number | undefined,
  usage: TokenUsage | null,
  call: { readonly model: string | null; readonly provider: string | undefined },
  prices: Prices | undefined,
): number | null {
  if (carried !== undefined) return carried
  if (usage === null || prices === undefined) return null
  try {
    const cost = prices(usage, call)
    return typeof cost === 'number' && Number.isFinite(cost) ? cost : null
  } catch {
    return null
  }
}
