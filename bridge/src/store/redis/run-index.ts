import type { RunLimits, RunSummary } from '@spancast/sdk'
import { BridgeError } from '../../errors.ts'
import type { ListQuery, RunPage } from '../run-store.ts'
import type { RedisConnection } from './connection.ts'
import { EXPIRE, PAGE, SILENT, TOUCH, WENT } from './index-scripts.ts'
import type { Keys } from './keys.ts'
import { listOf, numberOf, textIn, textOf } from './reply.ts'
import { DROP, SUMMARY } from './run-scripts.ts'

/** How a run is, as the index keeps it. */
export interface Touch {
  readonly randomId: string
  readonly begins: boolean
  readonly seenAt: number
  readonly bytes: number
  readonly ended: boolean
}

// Enough to tell a reader that comes back after hours that its run is gone, not unknown.
const REMEMBERED_IDS = 100_000
const EXPIRED_AT_ONCE = 500
const PAGE_STEP = 200
const CURSOR = /^[0-9]{1,17}$/

/** The list of all runs, in order of their age, and when each of them goes. */
export class RunIndex {
  readonly #connection: RedisConnection
  readonly #keys: Keys
  readonly #limits: RunLimits
  readonly #rememberMs: number

  /** @param rememberMs - How long ids of runs that went are remembered. */
  constructor(connection: RedisConnection, keys: Keys, limits: RunLimits, rememberMs: number) {
    this.#connection = connection
    this.#keys = keys
    this.#limits = limits
    this.#rememberMs = rememberMs
  }

  /** @returns whether it is still kept; `false` if it was let go to make room. */
  async touch({ randomId, begins, seenAt, bytes, ended }: Touch): Promise<boolean> {
    const { retentionMs, maxRuns, maxTotalBytes } = this.#limits
    const [verdict, ...victims] = listOf(
      await this.#connection.run(TOUCH, this.#keys.index(), [
        randomId,
        begins ? '1' : '0',
        String(Math.round(seenAt)),
        String(Math.round(bytes)),
        String(ended ? retentionMs : 0),
        String(maxRuns),
        String(maxTotalBytes),
      ]),
    )
    await this.#drop(victims.map(textOf))
    return verdict === 'ok'
  }

  /** Lets go of what has been over for long enough. */
  async expire(): Promise<void> {
    for (let more = true; more; ) {
      const args = [EXPIRED_AT_ONCE, REMEMBERED_IDS, this.#rememberMs].map(String)
      const due = listOf(await this.#connection.run(EXPIRE, this.#keys.index(), args)).map(textOf)
      await this.#drop(due)
      more = due.length === EXPIRED_AT_ONCE
    }
  }

  async went(randomId: string): Promise<boolean> {
    return (await this.#connection.run(WENT, this.#keys.index(), [randomId])) === 1
  }

  /** Runs that are said to go on and have been silent for so long. */
  async silent(ms: number): Promise<string[]> {
    const args = [String(ms), String(PAGE_STEP)]
    return listOf(await this.#connection.run(SILENT, this.#keys.index(), args)).map(textOf)
  }

  async summary(randomId: string): Promise<RunSummary | undefined> {
    const keys = this.#keys.run(randomId)
    const [text, epoch, seen] = listOf(await this.#connection.run(SUMMARY, keys, []))
    const json = textIn(text)
    if (json === undefined) return undefined
    // Written by a bridge: it is one.
    const summary = JSON.parse(json) as RunSummary
    const lastSeenAt = Math.max(summary.lastSeenAt, numberOf(seen))
    return { ...summary, lastSeenAt, epoch: textIn(epoch) ?? summary.epoch }
  }

  /** @throws BridgeError `invalid-cursor`. */
  async list({ limit, status, cursor }: ListQuery): Promise<RunPage> {
    if (cursor !== undefined && !CURSOR.test(cursor)) throw invalidCursor(cursor)
    const runs: RunSummary[] = []
    let from = cursor === undefined ? '+inf' : `(${cursor}`
    let last = ''
    for (;;) {
      const found = await this.#page(from, status === undefined ? limit + 1 : PAGE_STEP)
      const summaries = await Promise.all(found.map(({ randomId }) => this.summary(randomId)))
      for (const [at, summary] of summaries.entries()) {
        if (summary === undefined) continue
        if (status !== undefined && summary.status !== status) continue
        if (runs.length === limit) return { runs, next: last }
        runs.push(summary)
        last = found[at]?.place ?? last
      }
      const lowest = found.at(-1)
      if (lowest === undefined) return { runs, next: null }
      from = `(${lowest.place}`
    }
  }

  async #page(from: string, count: number): Promise<{ randomId: string; place: string }[]> {
    const reply = listOf(
      await this.#connection.run(PAGE, this.#keys.index(), [from, String(count)]),
    ).flat()
    const found: { randomId: string; place: string }[] = []
    for (let at = 0; at + 1 < reply.length; at += 2) {
      const place = numberOf(reply[at + 1]).toFixed(0)
      found.push({ randomId: textOf(reply[at]), place })
    }
    return found
  }

  async #drop(ids: readonly string[]): Promise<void> {
    await Promise.all(ids.map((id) => this.#connection.run(DROP, this.#keys.run(id), [])))
  }
}

function invalidCursor(cursor: string): BridgeError {
  return new BridgeError(
    'invalid-cursor',
    `Expected \`cursor\` to be what an earlier page of this bridge gave as \`next\`, got ${JSON.stringify(cursor.slice(0, 40))}. Begin again without one.`,
  )
}
