import type { BridgeErrorCode } from '../errors.ts'
import { byLabel, type Metric } from './exposition.ts'

/** Counts the requests that were answered with a problem, by code. */
export class ProblemCounts {
  readonly #counts: Partial<Record<BridgeErrorCode, number>> = {}

  add(code: BridgeErrorCode): void {
    this.#counts[code] = (this.#counts[code] ?? 0) + 1
  }

  metric(): Metric {
    const help = 'Requests refused or failed, by code.'
    return byLabel('spancast_problems_total', 'counter', help, 'code', this.#counts)
  }
}
