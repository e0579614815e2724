import type { RunFeed } from '../run-store.ts'
import { isStoreAway } from '../store-away.ts'
import type { RedisConnection } from './connection.ts'
import { freshEpoch } from './fresh-epoch.ts'
import type { Keys } from './keys.ts'
import { type FeedOwner, RedisFeed } from './redis-feed.ts'
import { messageOf, type RunMessage, readOf } from './run-message.ts'
import { READ, REPORT_LOSS } from './run-scripts.ts'

interface Held {
  readonly feed: RedisFeed
  readonly stop: () => void
  timer: NodeJS.Timeout | undefined
  catchingUp: boolean
  /** More was missed while it caught up. */
  again: boolean
}

// A window that nobody looks through is kept for those who come right back.
const UNUSED_MS = 5000
const RETRY_MS = 500

/** The windows of this bridge on the runs in the store: one subscription for each run that is looked at here. */
export class Feeds implements FeedOwner {
  readonly #connection: RedisConnection
  readonly #keys: Keys
  readonly #held = new Map<string, Held>()
  readonly #opening = new Map<string, Promise<RedisFeed | undefined>>()

  constructor(connection: RedisConnection, keys: Keys) {
    this.#connection = connection
    this.#keys = keys
  }

  /** Runs that are looked at. */
  get size(): number {
    return this.#held.size
  }

  /** @throws BridgeError `store-away`. */
  open(randomId: string): Promise<RunFeed | undefined> {
    const held = this.#held.get(randomId)
    if (held !== undefined) {
      this.used(held.feed)
      return Promise.resolve(held.feed)
    }
    let opening = this.#opening.get(randomId)
    if (opening === undefined) {
      opening = this.#open(randomId).finally(() => this.#opening.delete(randomId))
      this.#opening.set(randomId, opening)
    }
    return opening
  }

  /** The store was away: what was said meanwhile was not heard. */
  catchUp(): void {
    for (const { feed } of this.#held.values()) this.behind(feed)
  }

  close(): void {
    for (const { feed } of [...this.#held.values()]) feed.dispose()
  }

  behind(feed: RedisFeed): void {
    const held = this.#held.get(feed.randomId)
    if (held?.feed !== feed) return
    held.again = true
    if (held.catchingUp) return
    held.catchingUp = true
    void this.#catchUp(held).finally(() => {
      held.catchingUp = false
    })
  }

  used(feed: RedisFeed): void {
    const held = this.#held.get(feed.randomId)
    if (held?.feed !== feed) return
    clearTimeout(held.timer)
    held.timer = undefined
    if (feed.listeners > 0) return
    held.timer = setTimeout(() => this.over(feed), UNUSED_MS)
    held.timer.unref()
  }

  over(feed: RedisFeed): void {
    const held = this.#held.get(feed.randomId)
    if (held?.feed !== feed) return
    clearTimeout(held.timer)
    this.#held.delete(feed.randomId)
    held.stop()
    feed.retire()
  }

  async #open(randomId: string): Promise<RedisFeed | undefined> {
    const missed: ReturnType<typeof messageOf>[] = []
    let feed: RedisFeed | undefined
    const stop = await this.#connection.subscribe(this.#keys.live(randomId), (text) => {
      const message = messageOf(text)
      if (feed === undefined) missed.push(message)
      else this.#take(feed, message)
    })
    try {
      const first = await this.#read(randomId, 0)
      if (first === undefined) {
        stop()
        return undefined
      }
      feed = new RedisFeed(randomId, first, this)
      this.#held.set(randomId, { feed, stop, timer: undefined, catchingUp: false, again: false })
      this.used(feed)
      for (const message of missed) this.#take(feed, message)
      return feed
    } catch (error) {
      stop()
      throw error
    }
  }

  #take(feed: RedisFeed, message: ReturnType<typeof messageOf>): void {
    if (message === 'gone') feed.dispose()
    // It is for those who wait for a run of that name: here is one.
    else if (message !== 'alias') feed.take(message)
  }

  async #read(randomId: string, after: number): Promise<RunMessage | undefined> {
    const reply = await this.#connection.run(READ, this.#keys.run(randomId), [String(after)])
    return readOf(reply, after)
  }

  async #catchUp(held: Held): Promise<void> {
    const { feed } = held
    try {
      while (held.again && !feed.disposed) {
        held.again = false
        await this.#readOn(feed)
      }
    } catch (error) {
      if (isStoreAway(error)) setTimeout(() => this.behind(feed), RETRY_MS).unref()
      else this.over(feed)
    }
  }

  async #readOn(feed: RedisFeed): Promise<void> {
    const { randomId, epoch, lastSeq } = feed
    // One more than is missing, to see that the store still has the same.
    const read = await this.#read(randomId, Math.max(0, lastSeq - 1))
    if (read === undefined) feed.dispose()
    else if (read.epoch !== epoch) feed.dispose()
    else if (read.last < lastSeq || !feed.agrees(read)) {
      const args = [epoch, freshEpoch()]
      await this.#connection.run(REPORT_LOSS, this.#keys.run(randomId), args)
      feed.dispose()
    } else feed.take({ ...read, base: lastSeq })
  }
}
