import type { EntryListener } from './agent-observer.ts'
import type { Entry } from './entry.ts'
import { callbackFailed } from './isolate.ts'

/** One who follows a run: from the event after the one that it joined at, until it leaves. */
export class Follower {
  readonly #listener: EntryListener
  #after: number

  /** @param after - `seq` of the newest event at the moment of joining, which may still be on its way to others. */
  constructor(listener: EntryListener, after: number) {
    this.#listener = listener
    this.#after = after
  }

  tell(entry: Entry): void {
    if (entry.seq <= this.#after) return
    try {
      this.#listener.appended(entry)
    } catch (error) {
      callbackFailed('subscriber', error)
    }
  }

  /** From here on it hears nothing, not even of an event that is being told right now. */
  leave(): void {
    this.#after = Number.POSITIVE_INFINITY
  }

  /** The run's buffer is gone. */
  dismiss(): void {
    this.leave()
    try {
      this.#listener.disposed?.()
    } catch (error) {
      callbackFailed('subscriber', error)
    }
  }
}
