import { NO_TOTALS, TotalsSum } from '../event/totals.ts'
import { addUsage, largerUsage, type TokenUsage, type Totals } from '../event/usage.ts'

// A link tells what spans have told before within seconds, if it does.
const MAX_OPEN = 5000

interface Call {
  readonly usage: TokenUsage | null
  readonly cost: number | null
}

/** What the model calls of a run add up to, by the link that told of them, or none. */
export class CallSums {
  readonly #byLink = new Map<string, TotalsSum>()
  readonly #bySpans = new TotalsSum()
  /** Calls that spans told of, and a link may yet. */
  readonly #open = new Map<string, Call>()

  toldByLink(sourceId: string, usage: TokenUsage | null, cost: number | null): void {
    let sum = this.#byLink.get(sourceId)
    if (sum === undefined) {
      sum = new TotalsSum()
      this.#byLink.set(sourceId, sum)
    }
    sum.add(usage, cost)
  }

  toldBySpan(spanId: string, usage: TokenUsage | null, cost: number | null): void {
    this.#open.set(spanId, { usage, cost })
    for (const [oldest, call] of this.#open) {
      if (this.#open.size <= MAX_OPEN) break
      this.#open.delete(oldest)
      this.#bySpans.add(call.usage, call.cost)
    }
  }

  /** The link tells of a span after all: its call is one of that link's. */
  claim(spanId: string, sourceId: string): void {
    const call = this.#open.get(spanId)
    if (call === undefined) return
    this.#open.delete(spanId)
    this.toldByLink(sourceId, call.usage, call.cost)
  }

  /** `totals` as this source gave them, and the calls that others told of. */
  completing(totals: Totals, sourceId: string): Totals {
    const others = this.#byOtherLinks(sourceId)
    others.absorb(this.#bySpans)
    for (const { usage, cost } of this.#open.values()) others.add(usage, cost)
    return together(totals, others.value())
  }

  /**
   * The same where the source's link has lost something, so that what spans told may be its own calls or those of
   * others: no less than the source and the other links gave, and no less than the calls that are known.
   */
  atLeast(totals: Totals, sourceId: string, known: Totals): Totals {
    return larger(together(totals, this.#byOtherLinks(sourceId).value()), known)
  }

  #byOtherLinks(sourceId: string): TotalsSum {
    const others = new TotalsSum()
    for (const [other, sum] of this.#byLink) if (other !== sourceId) others.absorb(sum)
    return others
  }
}

function larger(a: Totals, b: Totals): Totals {
  if (isNone(a)) return b
  if (isNone(b)) return a
  const cost = a.cost === null || b.cost === null ? (a.cost ?? b.cost) : Math.max(a.cost, b.cost)
  return {
    tokenUsage: largerUsage(a.tokenUsage, b.tokenUsage),
    cost,
    unpricedCalls: Math.max(a.unpricedCalls, b.unpricedCalls),
    unmeteredCalls: Math.max(a.unmeteredCalls, b.unmeteredCalls),
  }
}

function together(a: Totals, b: Totals): Totals {
  if (isNone(a)) return b
  if (isNone(b)) return a
  const cost = a.cost === null || b.cost === null ? (a.cost ?? b.cost) : a.cost + b.cost
  return {
    tokenUsage: addUsage(a.tokenUsage, b.tokenUsage),
    cost,
    unpricedCalls: a.unpricedCalls + b.unpricedCalls,
    unmeteredCalls: a.unmeteredCalls + b.unmeteredCalls,
  }
}

/** Whether there was no call: a cost of 0 then says nothing. */
function isNone(totals: Totals): boolean {
  if (totals === NO_TOTALS) return true
  return totals.cost === 0 && totals.unpricedCalls === 0 && totals.tokenUsage.totalTokens === 0
}
