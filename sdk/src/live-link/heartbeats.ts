import type { LinkRun } from './link-run.ts'

/** How often an open run gives a sign of life. */
const HEARTBEAT_MS = 15_000

/** Says which runs owe a sign of life. One timer for all of them, none while none is open. */
export class Heartbeats {
  readonly #runs: () => Iterable<LinkRun>
  readonly #due: () => void
  #owing: LinkRun[] = []
  #timer: ReturnType<typeof setInterval> | undefined

  /** @param due - Called when there is one to send. What is owed is owed once, however long nobody takes it. */
  constructor(runs: () => Iterable<LinkRun>, due: () => void) {
    this.#runs = runs
    this.#due = due
  }

  get ticking(): boolean {
    return this.#timer !== undefined
  }

  get waiting(): boolean {
    return this.#owing.length > 0
  }

  start(): void {
    this.#timer = setInterval(() => this.#tick(), HEARTBEAT_MS)
    this.#timer.unref?.()
  }

  stop(): void {
    clearInterval(this.#timer)
    this.#timer = undefined
    this.#owing = []
  }

  /** The next run that owes one and is still open. */
  take(): LinkRun | undefined {
    for (let run = this.#owing.pop(); run !== undefined; run = this.#owing.pop()) {
      if (run.open) return run
    }
    return undefined
  }

  #tick(): void {
    this.#owing = [...this.#runs()].filter((run) => run.open)
    if (this.waiting) this.#due()
    else this.stop()
  }
}
