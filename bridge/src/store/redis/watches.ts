import type { RedisConnection } from './connection.ts'

const RETRY_MS = 1000

/** Channels that are listened to until somebody says stop, also while the store is away. */
export class Watches {
  readonly #connection: RedisConnection
  readonly #stops = new Set<() => void>()
  #closed = false

  constructor(connection: RedisConnection) {
    this.#connection = connection
  }

  /** @returns the function that ends it. Calling it twice is harmless. */
  add(channel: string, fn: (message: string) => void): () => void {
    let stop: (() => void) | undefined
    let stopped = false
    const once = (): void => {
      stopped = true
      this.#stops.delete(once)
      stop?.()
    }
    const begin = async (): Promise<void> => {
      try {
        stop = await this.#connection.subscribe(channel, fn)
        if (stopped) stop()
      } catch {
        if (!stopped && !this.#closed) setTimeout(() => void begin(), RETRY_MS).unref()
      }
    }
    this.#stops.add(once)
    void begin()
    return once
  }

  close(): void {
    this.#closed = true
    for (const stop of [...this.#stops]) stop()
  }
}
