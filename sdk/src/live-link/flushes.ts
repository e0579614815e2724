interface Waiter {
  readonly upTo: number
  readonly done: () => void
}

/** Those who wait until what was queued has been taken. */
export class Flushes {
  #waiters: Waiter[] = []

  /** Resolves when everything up to that place was taken, or is given up; after `timeoutMs` at the latest. */
  wait(upTo: number, timeoutMs: number): Promise<void> {
    return new Promise((resolve) => {
      // Not unref'd: it is waited for.
      const timer = setTimeout(() => this.#finish(waiter), timeoutMs)
      const waiter = {
        upTo,
        done: () => {
          clearTimeout(timer)
          resolve()
        },
      }
      this.#waiters.push(waiter)
    })
  }

  /** What is oldest among what waits, and whether rings are being sent again. */
  reached(oldest: number | undefined, replays: boolean): void {
    if (replays) return
    for (const waiter of this.#waiters) {
      if (oldest === undefined || oldest > waiter.upTo) this.#finish(waiter)
    }
  }

  /** The bridge is away. */
  giveUp(): void {
    for (const waiter of this.#waiters) this.#finish(waiter)
  }

  #finish(waiter: Waiter): void {
    this.#waiters = this.#waiters.filter((other) => other !== waiter)
    waiter.done()
  }
}
