import type { AgentObserver } from '@spancast/sdk'
import type { RunIndex } from './run-index.ts'

// How often the list hears of a run that goes on.
const TOUCH_MS = 250

/** A run's place in the list of all runs. */
export class Listing {
  readonly #index: RunIndex
  readonly #observer: AgentObserver
  readonly #begins: boolean
  #listed = false
  #touchedAt = 0
  #due = false

  /** @param begins - Whether the run begins here, and is not gone on with. */
  constructor(index: RunIndex, observer: AgentObserver, begins: boolean) {
    this.#index = index
    this.#observer = observer
    this.#begins = begins
  }

  /** Whether the list has yet to hear of something. */
  get due(): boolean {
    return this.#due
  }

  /** It may not be in the list any more. */
  unlist(): void {
    this.#listed = false
  }

  /** It has nothing more to tell. */
  stop(): void {
    this.#due = false
  }

  /**
   * Tells the list how the run is, if that is due.
   *
   * @param ended - Whether it has just ended, which is told at once.
   * @param over - Whether its end is in the store.
   * @returns `false` if the run had to go to make room for others.
   * @throws BridgeError `store-away`: it is due until that has worked.
   */
  async tell(ended: boolean, over: boolean): Promise<boolean> {
    const now = performance.now()
    const soon = this.#listed && now - this.#touchedAt < TOUCH_MS
    if (soon && !ended && !this.#due) return true
    this.#touchedAt = now
    // Tried again if it fails: the end above all must be told.
    this.#due = true
    const { randomId, lastSeenAt: seenAt, bytes } = this.#observer
    const begins = this.#begins && !this.#listed
    const kept = await this.#index.touch({ randomId, begins, seenAt, bytes, ended: over })
    this.#listed = true
    this.#due = false
    return kept
  }
}
