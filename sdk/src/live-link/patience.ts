import { backoffMs } from './backoff.ts'

/** How long a bridge that does not take events is left alone: longer each time, and as long as it asked for. */
export class Patience {
  readonly #over: () => void
  #failures = 0
  #timer: ReturnType<typeof setTimeout> | undefined
  #asked = false

  /** @param over - Called when it is time to try again. */
  constructor(over: () => void) {
    this.#over = over
  }

  get waits(): boolean {
    return this.#timer !== undefined
  }

  /** The bridge has answered as it should. */
  rewarded(): void {
    this.#failures = 0
  }

  /** It has not. @param askedMs - The time that it asked for. */
  tried(askedMs: number | undefined): void {
    this.#failures++
    this.#asked = askedMs !== undefined
    const waitMs = Math.max(askedMs ?? 0, backoffMs(this.#failures))
    this.#timer = setTimeout(() => {
      this.#timer = undefined
      this.#over()
    }, waitMs)
    this.#timer.unref?.()
  }

  /** Cuts a wait short, unless the bridge has asked for it. */
  hurry(): void {
    if (!this.#asked) this.end()
  }

  end(): void {
    clearTimeout(this.#timer)
    this.#timer = undefined
  }
}
