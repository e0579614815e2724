import type { Backoff } from './backoff.ts'
import type { Clock } from './clock.ts'

export interface GateOptions {
  readonly clock: Clock
  readonly backoff: Backoff
  /** Requests in flight at once while all is well. */
  readonly maxInFlight: number
  /** Whether the process must stay for the end of a pause. */
  readonly keepsAlive: boolean
  /** Called when a pause is over. */
  readonly onOpen: () => void
}

// One or two failures may be the fault of the request: only it rests then, and the others go on.
const DOWN_AFTER = 3

/**
 * Whether the upstream may be asked now. After some failures in a row it counts as down: then one request at a time
 * goes out as a probe, with growing pauses, and the first answer opens the gate again.
 */
export class Gate {
  readonly #options: GateOptions
  #failures = 0
  #pauses = 0
  /** When the pause ends, and how to end it before. */
  #pause:
    | { readonly until: number; readonly asked: boolean; readonly cancel: () => void }
    | undefined

  constructor(options: GateOptions) {
    this.#options = options
  }

  get isDown(): boolean {
    return this.#failures >= DOWN_AFTER
  }

  /** Whether one more may go out beside those in flight. */
  admits(inFlight: number): boolean {
    if (this.#pause !== undefined) return false
    return inFlight < (this.isDown ? 1 : this.#options.maxInFlight)
  }

  /** The upstream has answered. @returns whether it was down before. */
  succeeded(): boolean {
    const wasDown = this.isDown
    this.#failures = 0
    this.#pauses = 0
    // One that asked for the pause gets it, whatever else it answers meanwhile.
    if (this.#pause?.asked === false) this.hurry()
    return wasDown
  }

  /** @param retryAfterMs - The pause that the upstream asked for, if it did. */
  failed(retryAfterMs?: number): void {
    const { backoff } = this.#options
    this.#failures++
    if (retryAfterMs !== undefined) this.#rest(Math.max(retryAfterMs, backoff.delayMs(1)), true)
    // Those that were in flight when the pause began say nothing new.
    else if (this.isDown && this.#pause === undefined) {
      this.#pauses++
      this.#rest(backoff.delayMs(this.#pauses), false)
    }
  }

  /** Ends the pause. */
  hurry(): void {
    this.#pause?.cancel()
    this.#open()
  }

  /** Stays shut for ever, without a timer. */
  shut(): void {
    this.#pause?.cancel()
    this.#pause = { until: Number.POSITIVE_INFINITY, asked: true, cancel: () => {} }
  }

  #rest(delayMs: number, asked: boolean): void {
    const { clock, keepsAlive } = this.#options
    const until = clock.now() + delayMs
    if (this.#pause !== undefined && this.#pause.until >= until) return
    this.#pause?.cancel()
    const cancel = clock.after(delayMs, () => this.#open(), keepsAlive)
    this.#pause = { until, asked, cancel }
  }

  #open(): void {
    if (this.#pause?.until === Number.POSITIVE_INFINITY) return
    this.#pause = undefined
    this.#options.onOpen()
  }
}
