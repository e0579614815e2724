import type { Entry } from '../observer/entry.ts'
import type { LinkRun } from './link-run.ts'

// Entries looked up at once; a ring may hold thousands.
const PAGE = 256

interface Replayed {
  readonly run: LinkRun
  readonly until: number
}

/** Where a replay stands: the run, and the newest entry of it that was sent. */
interface Position {
  readonly index: number
  readonly after: number
}

const START: Position = { index: 0, after: 0 }

/**
 * Sends again what the rings of running runs still hold, to a bridge that has seen none of it. It reads the rings
 * as it goes, so that it needs no room of its own.
 */
export class RingReplay {
  #runs: readonly Replayed[] = []
  #at: Position = START

  get waiting(): boolean {
    return this.#at.index < this.#runs.length
  }

  /** Begins anew with these runs, each up to its number `until`. */
  start(runs: readonly Replayed[]): void {
    this.#runs = runs
    this.#at = START
  }

  /**
   * Calls `send` with the entries to come, until it returns `false`.
   *
   * @returns the function that says that they were taken: else the next call begins in the same place.
   */
  read(send: (run: LinkRun, entry: Entry) => boolean): () => void {
    const runs = this.#runs
    let at = this.#at
    for (let current = runs[at.index]; current !== undefined; current = runs[at.index]) {
      const page = current.run.observer.entries(at.after, PAGE)
      let more = page.length === PAGE
      for (const entry of page) {
        if (current.run.numberOf(entry) > current.until) {
          more = false
          break
        }
        at = { index: at.index, after: entry.seq }
        if (current.run.sends(entry) && !send(current.run, entry)) return () => this.#move(runs, at)
      }
      if (!more) at = { index: at.index + 1, after: 0 }
    }
    return () => this.#move(runs, at)
  }

  #move(runs: readonly Replayed[], to: Position): void {
    if (this.#runs !== runs) return
    this.#at = to
    if (!this.waiting) this.start([])
  }
}
