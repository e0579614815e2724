/** Time, as the forwarder sees it. */
export interface Clock {
  /** Milliseconds since the Unix epoch. */
  now(): number
  /**
   * Calls `fn` once, after `delayMs`.
   *
   * @param keepsAlive - Whether the process must stay for it.
   * @returns the function that takes it back; calling it later is harmless.
   */
  after(delayMs: number, fn: () => void, keepsAlive: boolean): () => void
}

export const systemClock: Clock = {
  now: () => Date.now(),
  after(delayMs, fn, keepsAlive) {
    const timer = setTimeout(fn, delayMs)
    if (!keepsAlive) timer.unref()
    return () => clearTimeout(timer)
  },
}
