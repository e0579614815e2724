import type { RedisConnection } from './connection.ts'
import type { Keys } from './keys.ts'
import { listOf, textOf } from './reply.ts'
import { DROP_INPUTS, FORGET_INPUTS, PULL, PUT } from './share-scripts.ts'

/** An entry of a group's log: what came, or what has happened to a run without anything that came. */
export interface LogEntry {
  readonly id: string
  readonly kind: 'input' | 'end'
  readonly text: string
}

const PART = 100

/** What has come for groups of runs, in the order in which it is folded: kept until their runs are let go. */
export class InputLog {
  readonly #connection: RedisConnection
  readonly #keys: Keys
  readonly #ttlMs: number
  readonly #maxBytes: number

  constructor(connection: RedisConnection, keys: Keys, ttlMs: number, maxBytes: number) {
    this.#connection = connection
    this.#keys = keys
    this.#ttlMs = ttlMs
    this.#maxBytes = maxBytes
  }

  async put(group: string, kind: LogEntry['kind'], text: string): Promise<void> {
    const args = [kind, text, String(this.#ttlMs), String(this.#maxBytes)]
    await this.#connection.run(PUT, this.#keys.inputs(group), args)
  }

  /** What follows an id, at most so many at once; `0-0` is before all. */
  async after(group: string, id: string): Promise<LogEntry[]> {
    const keys = this.#keys.inputs(group)
    const reply = listOf(await this.#connection.run(PULL, keys, [id, String(PART)]))
    const entries: LogEntry[] = []
    for (let at = 0; at + 2 < reply.length; at += 3) {
      const kind = reply[at + 1] === 'end' ? 'end' : 'input'
      entries.push({ id: textOf(reply[at]), kind, text: textOf(reply[at + 2]) })
    }
    return entries
  }

  /** Lets go of all that came for a group. */
  async drop(group: string): Promise<void> {
    await this.#connection.run(DROP_INPUTS, this.#keys.inputs(group), [])
  }

  /** Lets go of what nobody will fold again. */
  async forget(group: string, id: string): Promise<void> {
    await this.#connection.run(FORGET_INPUTS, this.#keys.inputs(group), [id])
  }
}
