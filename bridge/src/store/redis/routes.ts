import type { RedisConnection } from './connection.ts'
import type { Keys } from './keys.ts'
import { textIn } from './reply.ts'
import { ROUTE, SET_ROUTE } from './share-scripts.ts'

interface Known {
  readonly group: string
  /** Of the clock of `performance.now()`: until then the store knows it too. */
  readonly until: number
}

const MAX_KNOWN = 50_000

/**
 * Which group an id belongs to. What belongs together has to be folded in one place, in one order: spans of one trace,
 * and the traces of one run. A group goes by the first id of it that came.
 */
export class Routes {
  readonly #connection: RedisConnection
  readonly #keys: Keys
  readonly #ttlMs: number
  #young = new Map<string, Known>()
  #old = new Map<string, Known>()

  constructor(connection: RedisConnection, keys: Keys, ttlMs: number) {
    this.#connection = connection
    this.#keys = keys
    this.#ttlMs = ttlMs
  }

  /**
   * @param traceId - `undefined` where there is none.
   * @param randomId - What the run is called, if that is known.
   * @throws BridgeError `store-away`.
   */
  async groupOf(traceId: string | undefined, randomId: string | undefined): Promise<string> {
    const known = (randomId && this.#known(randomId)) ?? (traceId && this.#known(traceId))
    if (known && (randomId === undefined || this.#known(randomId))) {
      if (traceId !== undefined && this.#known(traceId) === undefined) {
        await this.#ask(traceId, known)
      }
      return known
    }
    if (randomId !== undefined) {
      const named = await this.#ask(randomId, '')
      if (named !== undefined) {
        if (traceId !== undefined) await this.#ask(traceId, named)
        return named
      }
    }
    const first = randomId ?? traceId ?? ''
    const group = traceId === undefined ? first : ((await this.#ask(traceId, first)) ?? first)
    if (randomId === undefined) return group
    return (await this.#ask(randomId, group)) ?? group
  }

  /** From now on, what has this id goes to that group. */
  async set(id: string, group: string): Promise<void> {
    this.#keep(id, group)
    await this.#connection.run(SET_ROUTE, [this.#keys.route(id)], [group, String(this.#ttlMs)])
  }

  async #ask(id: string, otherwise: string): Promise<string | undefined> {
    const args = [otherwise, String(this.#ttlMs)]
    const group = textIn(await this.#connection.run(ROUTE, [this.#keys.route(id)], args))
    if (group !== undefined) this.#keep(id, group)
    return group
  }

  #known(id: string): string | undefined {
    const known = this.#young.get(id) ?? this.#old.get(id)
    return known !== undefined && performance.now() < known.until ? known.group : undefined
  }

  #keep(id: string, group: string): void {
    // Asked again well before the store forgets it: it is kept there for as long as it is used.
    this.#young.set(id, { group, until: performance.now() + this.#ttlMs / 4 })
    if (this.#young.size <= MAX_KNOWN) return
    this.#old = this.#young
    this.#young = new Map()
  }
}
