/** What has happened so far, and what is waiting now. */
export interface ForwardStats {
  /** Requests taken by `offer`. */
  readonly accepted: number
  /** Requests that an earlier process had accepted, found in the spool. */
  readonly recovered: number
  /** Requests that the upstream has taken. */
  readonly forwarded: number
  /** Attempts that failed and are made again. */
  readonly retried: number
  /** Requests that `offer` did not take. */
  readonly refused: number
  /** Requests given up, by the status that the upstream answered, or by what made them undeliverable. */
  readonly dropped: Readonly<Record<string, number>>
  /** Requests waiting, in flight or resting. */
  readonly queuedRequests: number
  /** Bytes of their bodies; one counts for at least 1 KiB. */
  readonly queuedBytes: number
  /** Age of the oldest of them, in milliseconds; 0 if there is none. */
  readonly oldestMs: number
  /** Whether the upstream fails to answer, again and again. */
  readonly upstreamDown: boolean
}

/** The counters behind `ForwardStats`. */
export class ForwardCounts {
  accepted = 0
  recovered = 0
  forwarded = 0
  retried = 0
  refused = 0
  readonly #dropped = new Map<string, number>()

  drop(reason: string): void {
    this.#dropped.set(reason, (this.#dropped.get(reason) ?? 0) + 1)
  }

  get dropped(): Readonly<Record<string, number>> {
    return Object.fromEntries(this.#dropped)
  }
}
