import type { TokenUsage } from '../event/usage.ts'

/** Whose price is asked for. */
export interface PricedCall {
  /** The model that answered, else the one that was asked; `null` if neither is known. */
  readonly model: string | null
  /** `openai`, `aws.bedrock` and so on, as the span says it. */
  readonly provider: string | undefined
  /** When the call began, in milliseconds since the Unix epoch: prices change. */
  readonly timestamp: number
}

/**
 * What one model call costs, in US dollars; `null` if it is not known, and then the next price list is asked.
 * Called once a call, when it ends. One that throws counts as not known.
 */
export type Prices = (usage: TokenUsage, call: PricedCall) => number | null | undefined

/** The cost of a call: what the span carries, else the first price that is known; `null` if none is. */
export function costOf(
  carried: number | undefined,
  usage: TokenUsage | null,
  call: PricedCall,
  lists: readonly Prices[],
): number | null {
  if (carried !== undefined) return carried
  if (usage === null) return null
  for (const prices of lists) {
    const cost = priceIn(prices, usage, call)
    if (cost !== undefined) return cost
  }
  return null
}

function priceIn(prices: Prices, usage: TokenUsage, call: PricedCall): number | undefined {
  try {
    const cost = prices(usage, call)
    return typeof cost === 'number' && Number.isFinite(cost) ? cost : undefined
  } catch {
    return undefined
  }
}
