/** A wait that can be cut short. */
export class Nap {
  #wake: (() => void) | undefined

  /** Waits. A signal that fires ends it too. */
  async take(ms: number, signal: AbortSignal): Promise<void> {
    if (signal.aborted) return
    await new Promise<void>((resolve) => {
      const wake = (): void => {
        clearTimeout(timer)
        signal.removeEventListener('abort', wake)
        this.#wake = undefined
        resolve()
      }
      const timer = setTimeout(wake, ms)
      signal.addEventListener('abort', wake)
      this.#wake = wake
    })
  }

  readonly end = (): void => this.#wake?.()
}
