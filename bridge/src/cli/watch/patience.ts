import { Idle } from './failure.ts'
import { elapsed } from './figures.ts'

/** How long nothing may come. */
export class Patience {
  readonly #ms: number | undefined
  readonly #abort: AbortController
  #timer: NodeJS.Timeout | undefined

  /** @param ms - `undefined`: as long as it likes. */
  constructor(ms: number | undefined, abort: AbortController) {
    this.#ms = ms
    this.#abort = abort
    this.renew()
  }

  /** Something has come. */
  renew(): void {
    clearTimeout(this.#timer)
    const ms = this.#ms
    if (ms === undefined) return
    this.#timer = setTimeout(() => {
      this.#abort.abort(new Idle(`Nothing came for ${elapsed(ms)}.`))
    }, ms)
  }

  end(): void {
    clearTimeout(this.#timer)
  }
}
