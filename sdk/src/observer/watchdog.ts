import type { RunLimits } from './limits.ts'

/** A run that may fall silent. */
export interface Watched {
  /** Whether it can still be abandoned. */
  readonly running: boolean
  /** When it last gave a sign of life; `undefined` while something of it is open in this process. */
  readonly silentSince: number | undefined
  /** When it began to be watched. */
  readonly watchedSince: number
  /** Ends it as abandoned. */
  abandon(): void
}

/** Abandons runs that are silent or too long. One timer for all of them, none while none is running. */
export class Watchdog {
  readonly #limits: Pick<RunLimits, 'runIdleMs' | 'maxRunMs'>
  readonly #runs: () => Iterable<Watched>
  readonly #everyMs: number
  #timer: ReturnType<typeof setInterval> | undefined

  /** @param runs - All that may need it. Asked at each look, so that runs that come and go cost nothing. */
  constructor(limits: Pick<RunLimits, 'runIdleMs' | 'maxRunMs'>, runs: () => Iterable<Watched>) {
    this.#limits = limits
    this.#runs = runs
    // An eighth of the shorter limit is late by little and costs next to nothing.
    const shorter = Math.min(limits.runIdleMs, limits.maxRunMs)
    this.#everyMs = Math.min(10_000, Math.max(10, Math.floor(shorter / 8)))
  }

  /** Starts to look, if it does not already: a run has begun. */
  wake(): void {
    if (this.#timer !== undefined) return
    this.#timer = setInterval(() => this.#look(), this.#everyMs)
    this.#timer.unref?.()
  }

  #look(): void {
    const now = Date.now()
    let running = false
    for (const run of this.#runs()) {
      if (!run.running) continue
      const silent = run.silentSince
      const idle = silent !== undefined && now - silent >= this.#limits.runIdleMs
      if (idle || now - run.watchedSince >= this.#limits.maxRunMs) run.abandon()
      else running = true
    }
    if (running) return
    clearInterval(this.#timer)
    this.#timer = undefined
  }
}
