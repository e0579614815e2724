import type { RunLimits } from './limits.ts'

/** A run that may fall silent. */
export interface Watched {
  /** When it last gave a sign of life; `undefined` while something of it is open in this process. */
  readonly silentSince: number | undefined
  readonly startedAt: number
  /** Ends it as abandoned. */
  abandon(): void
}

/** Abandons runs that are silent or too long. One timer for all of them, none while there are none. */
export class Watchdog {
  readonly #limits: Pick<RunLimits, 'runIdleMs' | 'maxRunMs'>
  readonly #everyMs: number
  readonly #watched = new Set<Watched>()
  #timer: ReturnType<typeof setInterval> | undefined

  constructor(limits: Pick<RunLimits, 'runIdleMs' | 'maxRunMs'>) {
    this.#limits = limits
    // An eighth of the shorter limit is late by little and costs next to nothing.
    const shorter = Math.min(limits.runIdleMs, limits.maxRunMs)
    this.#everyMs = Math.min(10_000, Math.max(10, Math.floor(shorter / 8)))
  }

  add(run: Watched): void {
    this.#watched.add(run)
    if (this.#timer !== undefined) return
    this.#timer = setInterval(() => this.#check(), this.#everyMs)
    this.#timer.unref?.()
  }

  remove(run: Watched): void {
    this.#watched.delete(run)
    if (this.#watched.size > 0 || this.#timer === undefined) return
    clearInterval(this.#timer)
    this.#timer = undefined
  }

  #check(): void {
    const now = Date.now()
    for (const run of this.#watched) {
      const silent = run.silentSince
      const idle = silent !== undefined && now - silent >= this.#limits.runIdleMs
      if (idle || now - run.startedAt >= this.#limits.maxRunMs) run.abandon()
    }
  }
}
