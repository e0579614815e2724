/** Something that wants to look at the clock now and then. */
export interface Ticking {
  /** @param now - Milliseconds of a clock that never runs back. Must not throw. */
  tick(now: number): void
}

const SLOWEST_TICK_MS = 1000
const FASTEST_TICK_MS = 5

/** One timer for all streams of a bridge; none while there are none. */
export class Pulse {
  readonly #everyMs: number
  readonly #members = new Set<Ticking>()
  #timer: ReturnType<typeof setInterval> | undefined

  /** @param shortestMs - The shortest time that its members wait for. A sixteenth of it is late by little. */
  constructor(shortestMs: number) {
    this.#everyMs = Math.min(SLOWEST_TICK_MS, Math.max(FASTEST_TICK_MS, shortestMs / 16))
  }

  add(member: Ticking): void {
    this.#members.add(member)
    if (this.#timer !== undefined) return
    this.#timer = setInterval(() => this.#tick(), this.#everyMs)
    this.#timer.unref?.()
  }

  remove(member: Ticking): void {
    this.#members.delete(member)
    if (this.#members.size > 0) return
    clearInterval(this.#timer)
    this.#timer = undefined
  }

  #tick(): void {
    const now = performance.now()
    for (const member of this.#members) member.tick(now)
  }
}
