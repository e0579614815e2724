import type { Clock } from '../clock.ts'

interface Timer {
  readonly at: number
  readonly delayMs: number
  readonly fn: () => void
}

/** A clock that stands still until it is told to go on. */
export class ManualClock implements Clock {
  #now: number
  readonly #timers = new Set<Timer>()
  readonly #watchers = new Set<() => void>()

  constructor(now = 1_800_000_000_000) {
    this.#now = now
  }

  now(): number {
    return this.#now
  }

  after(delayMs: number, fn: () => void): () => void {
    const timer = { at: this.#now + delayMs, delayMs, fn }
    this.#timers.add(timer)
    for (const watch of this.#watchers) watch()
    return () => this.#timers.delete(timer)
  }

  /** What the timers that are set were set to, in milliseconds. */
  get delays(): number[] {
    return [...this.#timers].map(({ delayMs }) => delayMs)
  }

  /** Resolves as soon as a timer of this length is set. */
  untilSet(delayMs: number): Promise<void> {
    return new Promise((resolve) => {
      const watch = (): void => {
        if (!this.delays.includes(delayMs)) return
        this.#watchers.delete(watch)
        resolve()
      }
      this.#watchers.add(watch)
      watch()
    })
  }

  advance(ms: number): void {
    const until = this.#now + ms
    for (;;) {
      const [next] = [...this.#timers].sort((a, b) => a.at - b.at)
      if (next === undefined || next.at > until) break
      this.#now = next.at
      this.#timers.delete(next)
      next.fn()
    }
    this.#now = until
  }
}
