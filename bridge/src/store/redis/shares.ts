import { createHash } from 'node:crypto'
import type { ObserverRegistry } from '@spancast/sdk'
import type { RedisConnection } from './connection.ts'
import type { Keys } from './keys.ts'
import { listOf, numberOf, textOf } from './reply.ts'
import { RELEASE } from './run-scripts.ts'
import type { Share } from './share.ts'
import { LEAVE, MEET, OFFER, TAKE } from './share-scripts.ts'

/** So many that a few bridges have about as many each, so few that keeping them costs nothing. */
const SHARES = 16

export interface SharesOptions {
  readonly connection: RedisConnection
  readonly keys: Keys
  readonly instance: string
  readonly leaseMs: number
  shareOf(share: number, fence: number): Share
}

interface Owned {
  readonly share: Share
  fence: number
}

/**
 * Which shares this bridge folds: those that fall to it among the bridges that are there. A bridge keeps a share for as
 * long as it says so; when it does not, because it was killed, another one takes it.
 */
export class Shares {
  readonly #options: SharesOptions
  readonly #owned = new Map<number, Owned>()
  #timer: NodeJS.Timeout | undefined
  #looking: Promise<void> | undefined
  #closed = false
  #deployment: string | undefined
  #members: readonly string[] = []

  constructor(options: SharesOptions) {
    this.#options = options
  }

  /** Which share a group belongs to. */
  static of(group: string): number {
    return rank(group) % SHARES
  }

  /** What all bridges of this store go by; `undefined` until it is known. */
  get deployment(): string | undefined {
    return this.#deployment
  }

  /** Shares that are folded here. */
  get size(): number {
    return this.#owned.size
  }

  /** Where the runs are that are folded here. */
  get registries(): ObserverRegistry[] {
    return [...this.#owned.values()].map(({ share }) => share.registry)
  }

  /** Whether a bridge was there at the last look. */
  isThere(instance: string): boolean {
    return this.#members.includes(instance)
  }

  start(): void {
    this.#timer = setInterval(() => this.look(), this.#options.leaseMs / 3)
    this.#timer.unref()
    this.look()
  }

  /** Takes, keeps and gives back shares, as they fall to the bridges that are there. */
  look(): void {
    if (this.#closed || this.#looking !== undefined || !this.#options.connection.ready) return
    this.#looking = this.#look()
      // It is tried again soon.
      .catch(() => {})
      .finally(() => {
        this.#looking = undefined
      })
  }

  /** The store was away. */
  resync(): void {
    for (const { share } of this.#owned.values()) share.resync().catch(() => {})
  }

  refresh(): void {
    for (const { share } of this.#owned.values()) share.refresh()
  }

  /** Gives all back. */
  async close(): Promise<void> {
    this.#closed = true
    clearInterval(this.#timer)
    await this.#looking
    await Promise.all([...this.#owned.keys()].map((share) => this.#giveBack(share)))
    const { connection, keys, instance } = this.#options
    await connection.run(LEAVE, keys.members(), [instance]).catch(() => {})
  }

  async #look(): Promise<void> {
    const { connection, keys, instance, leaseMs } = this.#options
    const [id, there] = listOf(
      await connection.run(MEET, keys.members(), [instance, String(leaseMs)]),
    )
    this.#deployment = textOf(id)
    const members = listOf(there).map(textOf)
    this.#members = members
    const owned = this.#owned.size
    const shares = Array.from({ length: SHARES }, (_, share) => share)
    await Promise.all(
      shares.map((share) =>
        fallsTo(share, members) === instance ? this.#take(share) : this.#giveBack(share),
      ),
    )
    // Those that they fall to need not wait until they look again.
    if (this.#owned.size < owned) await connection.run(OFFER, keys.members(), [instance])
  }

  async #take(share: number): Promise<void> {
    const { connection, keys, instance, leaseMs } = this.#options
    const args = [instance, String(leaseMs)]
    const fence = numberOf(await connection.run(TAKE, keys.lease(share), args))
    const owned = this.#owned.get(share)
    if (owned?.fence === fence) return
    if (owned !== undefined) {
      this.#owned.delete(share)
      await owned.share.stop(false)
    }
    if (fence === 0 || this.#closed) return
    const taken = this.#options.shareOf(share, fence)
    this.#owned.set(share, { share: taken, fence })
    try {
      await taken.start()
    } catch {
      // It is resynchronised when the store is back; if nobody else has taken it by then.
      this.#owned.delete(share)
      await taken.stop(false)
    }
  }

  async #giveBack(share: number): Promise<void> {
    const owned = this.#owned.get(share)
    if (owned === undefined) return
    this.#owned.delete(share)
    await owned.share.stop(true)
    const { connection, keys, instance } = this.#options
    const [owner] = keys.lease(share)
    await connection.run(RELEASE, [owner], [instance]).catch(() => {})
  }
}

/** The member that ranks highest for a share: of a member that leaves, only its own shares move. */
function fallsTo(share: number, members: readonly string[]): string | undefined {
  let best: string | undefined
  let highest = -1
  for (const member of members) {
    const ranked = rank(`${share} ${member}`)
    if (ranked <= highest) continue
    highest = ranked
    best = member
  }
  return best
}

function rank(text: string): number {
  return createHash('sha1').update(text).digest().readUInt32BE(0)
}
