export interface BackoffOptions {
  /** Longest wait after the first failure, in milliseconds. */
  readonly baseMs: number
  /** Longest wait of all, in milliseconds. */
  readonly capMs: number
  /** From 0 up to, not including, 1. */
  readonly random: () => number
}

/** How long to wait before the next attempt: exponential, with full jitter. */
export class Backoff {
  readonly #options: BackoffOptions

  constructor(options: BackoffOptions) {
    this.#options = options
  }

  /**
   * Milliseconds to wait.
   *
   * @param failures - How often it has failed, from 1 up.
   */
  delayMs(failures: number): number {
    const { baseMs, capMs, random } = this.#options
    return random() * Math.min(capMs, baseMs * 2 ** (failures - 1))
  }
}
