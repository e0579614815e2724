import { randomBytes } from 'node:crypto'
import type { ObserverRegistry, RunSummary } from '@spancast/sdk'
import type { FeedEntry, ListQuery, RunFeed, RunPage, RunStore } from '../run-store.ts'
import { RedisConnection } from './connection.ts'
import { Feeds } from './feeds.ts'
import { Keys } from './keys.ts'
import { type RedisStoreConfig, type RedisStoreOptions, readRedisOptions } from './options.ts'
import { Recorder } from './recorder.ts'
import { textIn } from './reply.ts'
import { RunIndex } from './run-index.ts'
import { GET, KEEP, RELEASE, RESERVE, SAY } from './run-scripts.ts'
import type { WriterDeps } from './run-writer.ts'

// An invoked run whose bridge was killed gives its id back after that.
const RESERVED_MS = 60_000
const LONGEST_SWEEP_MS = 1000

/**
 * Runs in Redis or Valkey (7 or newer), for any number of bridges. Connects when it is first used, and goes on
 * trying for as long as it is open.
 *
 * @throws SpancastError `invalid-option`.
 */
export function redisStore(options: RedisStoreOptions = {}): RedisStore {
  return new RedisStore(readRedisOptions(options))
}

/** The runs of all bridges that share a Redis. */
export class RedisStore implements RunStore {
  readonly config: RedisStoreConfig
  readonly #connection: RedisConnection
  readonly #keys: Keys
  readonly #index: RunIndex
  readonly #feeds: Feeds
  readonly #instance = randomBytes(8).toString('hex')
  readonly #stops = new Set<() => void>()
  readonly #invoked = new Map<string, () => void>()
  readonly #sweeping: NodeJS.Timeout
  #recorder: Recorder | undefined
  #closed = false

  constructor(config: RedisStoreConfig) {
    this.config = config
    this.#connection = new RedisConnection(config)
    this.#keys = new Keys(config.keyPrefix)
    this.#index = new RunIndex(this.#connection, this.#keys, config.limits)
    this.#feeds = new Feeds(this.#connection, this.#keys)
    this.#connection.listen({ back: () => this.#feeds.catchUp(), away: () => {} })
    const everyMs = Math.max(50, Math.min(LONGEST_SWEEP_MS, config.limits.retentionMs / 4))
    this.#sweeping = setInterval(() => this.#sweep(), everyMs)
    this.#sweeping.unref()
    // What fails is tried again for as long as it is open; `ready` tells.
    this.#connection.open().catch(() => {})
    this.#keep(this.#keys.bridge(this.#instance), (randomId) => this.#invoked.get(randomId)?.())
  }

  /** Resolves when the server has answered for the first time. */
  async opened(): Promise<void> {
    await this.#connection.open()
  }

  /** Copies the runs of a registry of this process into the store, from now on. Once. */
  record(registry: ObserverRegistry): void {
    this.#recorder ??= new Recorder(registry, this.#writing(), this.#instance, () => {})
  }

  async open(randomId: string): Promise<RunFeed | undefined> {
    return this.#feeds.open(randomId)
  }

  async appears(randomId: string, signal: AbortSignal): Promise<RunFeed | undefined> {
    if (signal.aborted) return undefined
    let began: (() => void) | undefined
    let giveUp = (): void => {}
    const gaveUp = new Promise<void>((resolve) => {
      giveUp = resolve
    })
    signal.addEventListener('abort', giveUp)
    this.#stops.add(giveUp)
    let stop: (() => void) | undefined
    try {
      stop = await this.#connection.subscribe(this.#keys.live(randomId), () => began?.())
      while (!signal.aborted && !this.#closed) {
        const said = new Promise<void>((resolve) => {
          began = resolve
        })
        const feed = await this.open(randomId)
        if (feed !== undefined) return feed
        await Promise.race([said, gaveUp])
      }
      return undefined
    } catch (error) {
      if (this.#closed) return undefined
      throw error
    } finally {
      signal.removeEventListener('abort', giveUp)
      this.#stops.delete(giveUp)
      stop?.()
    }
  }

  async wasDisposed(randomId: string): Promise<boolean> {
    return this.#index.went(randomId)
  }

  async summary(randomId: string): Promise<RunSummary | undefined> {
    return this.#index.summary(randomId)
  }

  async list(query: ListQuery): Promise<RunPage> {
    return this.#index.list(query)
  }

  watchRuns(fn: (randomId: string) => void): () => void {
    return this.#keep(this.#keys.changes(), fn)
  }

  watchNamespace(namespace: string, fn: (entry: FeedEntry) => void): () => void {
    return this.#keep(this.#keys.namespace(namespace), (text) => {
      for (const line of text.split('\n')) fn(entryIn(line))
    })
  }

  async reserve(randomId: string, cancel: () => void): Promise<(() => void) | undefined> {
    const [meta] = this.#keys.run(randomId)
    const key = this.#keys.invoked(randomId)
    const args = [this.#instance, String(RESERVED_MS)]
    const kept = await this.#connection.run(RESERVE, [key, meta], args)
    if (kept !== 1) return undefined
    this.#invoked.set(randomId, cancel)
    return () => {
      if (!this.#invoked.delete(randomId)) return
      this.#connection.run(RELEASE, [key], [this.#instance]).catch(() => {})
    }
  }

  async cancel(randomId: string): Promise<boolean> {
    const key = this.#keys.invoked(randomId)
    const instance = textIn(await this.#connection.run(GET, [key], []))
    if (instance === undefined) return false
    const heard = await this.#connection.run(SAY, [this.#keys.bridge(instance)], [randomId])
    return heard === 1
  }

  ready(): boolean {
    return this.#connection.ready
  }

  watchReady(fn: (ready: boolean) => void): () => void {
    return this.#connection.listen({ back: () => fn(true), away: () => fn(false) })
  }

  async close(): Promise<void> {
    if (this.#closed) return
    this.#closed = true
    clearInterval(this.#sweeping)
    await this.#recorder?.close()
    this.#feeds.close()
    for (const stop of [...this.#stops]) stop()
    this.#connection.close()
  }

  #writing(): WriterDeps {
    const { limits } = this.config
    return { connection: this.#connection, keys: this.#keys, index: this.#index, limits }
  }

  /** Listens to a channel until it is stopped or the store is closed, also if the store is away now. */
  #keep(channel: string, fn: (message: string) => void): () => void {
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
        if (!stopped && !this.#closed) setTimeout(() => void begin(), LONGEST_SWEEP_MS).unref()
      }
    }
    this.#stops.add(once)
    void begin()
    return once
  }

  #sweep(): void {
    if (!this.ready()) return
    this.#recorder?.refresh()
    this.#index.expire().catch(() => {})
    for (const randomId of this.#invoked.keys()) {
      const args = [this.#instance, String(RESERVED_MS)]
      this.#connection.run(KEEP, [this.#keys.invoked(randomId)], args).catch(() => {})
    }
  }
}

function entryIn(line: string): FeedEntry {
  const [seq = '', type = ''] = line.split(' ', 2)
  return { seq: Number(seq), type, json: line.slice(seq.length + type.length + 2) }
}
