import type { TokenUsage } from '@spancast/sdk/client'
import type { ReactElement } from 'react'
import { count, counted, dollars, tokens } from '../text/format.ts'

export interface UsageFacts {
  readonly tokenUsage: TokenUsage | null
  readonly cost: number | null
  readonly calls: number
  readonly unpricedCalls: number
  readonly unmeteredCalls: number
}

/** What model calls took: never more certain than it is. */
export function usageText(usage: UsageFacts, incomplete: boolean): string {
  const { calls, unmeteredCalls, tokenUsage } = usage
  if (calls === 0 && !incomplete && (tokenUsage?.totalTokens ?? 0) === 0) return 'no model calls'
  const atLeast = incomplete || unmeteredCalls > 0 ? '≥ ' : ''
  const metered =
    tokenUsage === null || (calls > 0 && unmeteredCalls >= calls)
      ? '— tokens'
      : `${atLeast}${tokens(tokenUsage)}`
  return `${metered} · ${costText(usage, incomplete)}`
}

/** `$0.0123`, `≥ $0.0123 · 1 of 3 unpriced`, or `—` if nothing is known. */
export function costText(usage: UsageFacts, incomplete: boolean): string {
  const { cost, calls, unpricedCalls } = usage
  if (cost === null || (unpricedCalls > 0 && unpricedCalls >= calls)) return '—'
  const atLeast = incomplete || unpricedCalls > 0 ? '≥ ' : ''
  const unpriced = unpricedCalls > 0 ? ` · ${count(unpricedCalls)} of ${count(calls)} unpriced` : ''
  // A sum of nothing of which something is missing tells nothing.
  if (cost === 0 && atLeast !== '') return `—${unpriced}`
  return `${atLeast}${dollars(cost)}${unpriced}`
}

export function UsageLine({
  usage,
  incomplete,
}: {
  readonly usage: UsageFacts
  readonly incomplete: boolean
}): ReactElement {
  const { unpricedCalls, calls } = usage
  const why =
    unpricedCalls > 0
      ? `${counted(unpricedCalls, 'model call')} of ${count(calls)} had no known price.`
      : undefined
  return (
    <span className="number" data-testid="usage" title={why}>
      {usageText(usage, incomplete)}
    </span>
  )
}
