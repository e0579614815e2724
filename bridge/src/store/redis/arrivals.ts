import type { RunFeed } from '../run-store.ts'
import type { RedisConnection } from './connection.ts'
import type { Keys } from './keys.ts'

/** Readers that wait for a run that is not there yet. */
export class Arrivals {
  readonly #connection: RedisConnection
  readonly #keys: Keys
  readonly #open: (randomId: string) => Promise<RunFeed | undefined>
  readonly #waiting = new Set<() => void>()
  #closed = false

  /** @param open - The run's feed, if there is one. */
  constructor(
    connection: RedisConnection,
    keys: Keys,
    open: (randomId: string) => Promise<RunFeed | undefined>,
  ) {
    this.#connection = connection
    this.#keys = keys
    this.#open = open
  }

  /**
   * The run's feed as soon as there is one; `undefined` once `signal` fires, or this is closed.
   *
   * @throws BridgeError `store-away`.
   */
  async of(randomId: string, signal: AbortSignal): Promise<RunFeed | undefined> {
    if (signal.aborted) return undefined
    let began: (() => void) | undefined
    let giveUp = (): void => {}
    const gaveUp = new Promise<void>((resolve) => {
      giveUp = resolve
    })
    signal.addEventListener('abort', giveUp)
    this.#waiting.add(giveUp)
    let stop: (() => void) | undefined
    try {
      stop = await this.#connection.subscribe(this.#keys.live(randomId), () => began?.())
      while (!signal.aborted && !this.#closed) {
        const said = new Promise<void>((resolve) => {
          began = resolve
        })
        const feed = await this.#open(randomId)
        if (feed !== undefined) return feed
        await Promise.race([said, gaveUp])
      }
      return undefined
    } catch (error) {
      if (this.#closed) return undefined
      throw error
    } finally {
      signal.removeEventListener('abort', giveUp)
      this.#waiting.delete(giveUp)
      stop?.()
    }
  }

  close(): void {
    this.#closed = true
    for (const giveUp of [...this.#waiting]) giveUp()
  }
}
