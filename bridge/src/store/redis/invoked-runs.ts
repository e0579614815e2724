import type { RedisConnection } from './connection.ts'
import type { Keys } from './keys.ts'
import { textIn } from './reply.ts'
import { GET, KEEP, RELEASE, RESERVE, SAY } from './run-scripts.ts'

// An invoked run whose bridge was killed gives its id back after that.
const RESERVED_MS = 60_000
const CANCEL = 'cancel '

/** Which bridge runs what was invoked, so that any of them can have it cancelled. */
export class InvokedRuns {
  readonly #connection: RedisConnection
  readonly #keys: Keys
  readonly #instance: string
  readonly #cancels = new Map<string, () => void>()

  constructor(connection: RedisConnection, keys: Keys, instance: string) {
    this.#connection = connection
    this.#keys = keys
    this.#instance = instance
  }

  /** @returns the function that gives the id back; `undefined` if it is taken. */
  async reserve(randomId: string, cancel: () => void): Promise<(() => void) | undefined> {
    const [meta] = this.#keys.run(randomId)
    const key = this.#keys.invoked(randomId)
    const args = [this.#instance, String(RESERVED_MS)]
    const kept = await this.#connection.run(RESERVE, [key, meta], args)
    if (kept !== 1) return undefined
    this.#cancels.set(randomId, cancel)
    return () => {
      if (!this.#cancels.delete(randomId)) return
      this.#connection.run(RELEASE, [key], [this.#instance]).catch(() => {})
    }
  }

  /** @returns whether some bridge runs it and has heard. */
  async cancel(randomId: string): Promise<boolean> {
    const key = this.#keys.invoked(randomId)
    const instance = textIn(await this.#connection.run(GET, [key], []))
    if (instance === undefined) return false
    const message = CANCEL + randomId
    const heard = await this.#connection.run(SAY, [this.#keys.bridge(instance)], [message])
    return heard === 1
  }

  /** Takes what another bridge has said to this one. */
  told(message: string): void {
    if (message.startsWith(CANCEL)) this.#cancels.get(message.slice(CANCEL.length))?.()
  }

  /** Keeps the ids of those that still run here. */
  keep(): void {
    for (const randomId of this.#cancels.keys()) {
      const args = [this.#instance, String(RESERVED_MS)]
      this.#connection.run(KEEP, [this.#keys.invoked(randomId)], args).catch(() => {})
    }
  }
}
