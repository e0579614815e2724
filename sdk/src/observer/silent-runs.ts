import type { AgentObserver } from './agent-observer.ts'

interface Candidate {
  /** By name: what was let go meanwhile must not be kept for its place in the order. */
  readonly randomId: string
  readonly lastSeenAt: number
}

/**
 * Which run has been silent for longest. Looking at all runs for each new one would make a full registry slow, so they
 * are put in order now and then: whoever was heard of since is no longer where it stands, and comes up next time.
 */
export class SilentRuns {
  readonly #runs: ReadonlyMap<string, AgentObserver>
  #order: readonly Candidate[] = []
  #next = 0

  /** @param runs - All that may be meant. */
  constructor(runs: ReadonlyMap<string, AgentObserver>) {
    this.#runs = runs
  }

  /** @param except - The run that is not meant, however silent. */
  longest(except: AgentObserver): AgentObserver | undefined {
    const known = this.#find(except)
    if (known !== undefined) return known
    this.#order = Array.from(this.#runs.values(), ({ randomId, lastSeenAt }) => ({
      randomId,
      lastSeenAt,
    })).sort((a, b) => a.lastSeenAt - b.lastSeenAt)
    this.#next = 0
    return this.#find(except)
  }

  #find(except: AgentObserver): AgentObserver | undefined {
    for (; this.#next < this.#order.length; this.#next++) {
      const { randomId, lastSeenAt } = this.#order[this.#next] as Candidate
      const run = this.#runs.get(randomId)
      if (run === undefined || run === except || run.disposed) continue
      if (run.lastSeenAt === lastSeenAt) return run
    }
    return undefined
  }
}
