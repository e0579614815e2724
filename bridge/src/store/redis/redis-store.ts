import { randomBytes } from 'node:crypto'
import type { ObserverRegistry, RunSummary } from '@spancast/sdk'
import type { SpanCollector } from '@spancast/sdk/internal'
import type { FeedEntry, ListQuery, RunFeed, RunPage, RunStore, StoreStats } from '../run-store.ts'
import { Arrivals } from './arrivals.ts'
import { RedisConnection } from './connection.ts'
import { Feeds } from './feeds.ts'
import { INPUTS, Inbound } from './inbound.ts'
import type { Intake } from './intake.ts'
import { InvokedRuns } from './invoked-runs.ts'
import { Keys } from './keys.ts'
import { entriesOf } from './namespace-message.ts'
import { type RedisStoreConfig, type RedisStoreOptions, readRedisOptions } from './options.ts'
import { reap } from './reaper.ts'
import { Recorder } from './recorder.ts'
import { textIn } from './reply.ts'
import { RunIndex } from './run-index.ts'
import { GET } from './run-scripts.ts'
import type { WriterDeps } from './run-writer.ts'
import { Watches } from './watches.ts'

const LONGEST_SWEEP_MS = 1000
const LONGEST_REAP_MS = 10_000
// What is said on channels is said once at most: what nobody heard is looked for this often.
const RESYNC_MS = 30_000

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
  readonly #watches: Watches
  readonly #arrivals: Arrivals
  readonly #inbound: Inbound
  readonly #invoked: InvokedRuns
  readonly #sweeping: NodeJS.Timeout
  #registry: ObserverRegistry | undefined
  #recorder: Recorder | undefined
  #reapAt = 0
  #resyncAt = performance.now() + RESYNC_MS
  #closed = false

  constructor(config: RedisStoreConfig) {
    this.config = config
    this.#connection = new RedisConnection(config)
    this.#keys = new Keys(config.keyPrefix)
    this.#index = new RunIndex(this.#connection, this.#keys, config.limits, config.rememberMs)
    this.#invoked = new InvokedRuns(this.#connection, this.#keys, this.#instance)
    this.#feeds = new Feeds(this.#connection, this.#keys)
    this.#watches = new Watches(this.#connection)
    this.#arrivals = new Arrivals(this.#connection, this.#keys, (id) => this.open(id))
    this.#inbound = new Inbound({
      deps: this.#writing(),
      watches: this.#watches,
      instance: this.#instance,
      leaseMs: config.leaseMs,
    })
    this.#connection.listen({ back: () => this.#back(), away: () => {} })
    const everyMs = Math.max(50, Math.min(LONGEST_SWEEP_MS, config.limits.retentionMs / 4))
    this.#sweeping = setInterval(() => this.#sweep(), everyMs)
    this.#sweeping.unref()
    // What fails is tried again for as long as it is open; `ready` tells.
    this.#connection.open().catch(() => {})
    this.#watches.add(this.#keys.bridge(this.#instance), (message) => this.#told(message))
  }

  /** Resolves when the server has answered for the first time. */
  async opened(): Promise<void> {
    await this.#connection.open()
  }

  /** Copies the runs of a registry of this process into the store, from now on. Once. */
  record(registry: ObserverRegistry): void {
    if (this.#recorder !== undefined) return
    this.#registry = registry
    this.#recorder = new Recorder(registry, this.#writing(), this.#instance, (observer) =>
      this.#inbound.claim(observer),
    )
  }

  /**
   * Takes what arrives for runs of other processes, and folds a share of what arrives at all bridges. Once.
   *
   * @param collectorOf - Folds spans and link records into the runs of a registry.
   */
  intake(
    collectorOf: (registry: ObserverRegistry) => SpanCollector,
    { byConversation = false }: { readonly byConversation?: boolean } = {},
  ): Intake {
    return this.#inbound.open(this.#registry, collectorOf, byConversation)
  }

  written(): readonly ObserverRegistry[] {
    const own = this.#registry === undefined ? [] : [this.#registry]
    return [...own, ...(this.#inbound.shares?.registries ?? [])]
  }

  stats(): StoreStats {
    const { calls } = this.#connection
    return { calls, followed: this.#feeds.size, shares: this.#inbound.shares?.size ?? 0 }
  }

  /** What all bridges of this store go by together; `undefined` until that is known. */
  get deployment(): string | undefined {
    return this.#inbound.shares?.deployment
  }

  async open(randomId: string): Promise<RunFeed | undefined> {
    const feed = await this.#feeds.open(randomId)
    if (feed !== undefined) return feed
    const named = await this.#named(randomId)
    return named === undefined ? undefined : this.#feeds.open(named)
  }

  async appears(randomId: string, signal: AbortSignal): Promise<RunFeed | undefined> {
    return this.#arrivals.of(randomId, signal)
  }

  async wasDisposed(randomId: string): Promise<boolean> {
    return this.#index.went(randomId)
  }

  async summary(randomId: string): Promise<RunSummary | undefined> {
    const summary = await this.#index.summary(randomId)
    if (summary !== undefined) return summary
    const named = await this.#named(randomId)
    return named === undefined ? undefined : this.#index.summary(named)
  }

  async list(query: ListQuery): Promise<RunPage> {
    return this.#index.list(query)
  }

  watchRuns(fn: (randomId: string) => void): () => void {
    return this.#watches.add(this.#keys.changes(), fn)
  }

  watchNamespace(namespace: string, fn: (entry: FeedEntry) => void): () => void {
    return this.#watches.add(this.#keys.namespace(namespace), (text) => {
      for (const entry of entriesOf(text)) fn(entry)
    })
  }

  async reserve(randomId: string, cancel: () => void): Promise<(() => void) | undefined> {
    return this.#invoked.reserve(randomId, cancel)
  }

  async cancel(randomId: string): Promise<boolean> {
    return this.#invoked.cancel(randomId)
  }

  ready(): boolean {
    return this.#connection.ready
  }

  watchReady(fn: (ready: boolean, reason?: string) => void): () => void {
    return this.#connection.listen({
      back: (changed) => {
        if (changed) fn(true)
      },
      away: (reason) => fn(false, reason),
    })
  }

  async close(): Promise<void> {
    if (this.#closed) return
    this.#closed = true
    clearInterval(this.#sweeping)
    this.#arrivals.close()
    await Promise.all([this.#recorder?.close(), this.#inbound.close()])
    this.#feeds.close()
    this.#watches.close()
    this.#connection.close()
  }

  #writing(): WriterDeps {
    const { limits } = this.config
    return { connection: this.#connection, keys: this.#keys, index: this.#index, limits }
  }

  /** The run that has this id too. */
  async #named(randomId: string): Promise<string | undefined> {
    return textIn(await this.#connection.run(GET, [this.#keys.alias(randomId)], []))
  }

  #back(): void {
    this.#feeds.catchUp()
    this.#inbound.back()
  }

  #told(message: string): void {
    if (message === INPUTS) this.#inbound.pullLocal()
    else this.#invoked.told(message)
  }

  #reap(): void {
    const now = performance.now()
    const { runIdleMs } = this.config.limits
    const { shares } = this.#inbound
    if (shares === undefined || now < this.#reapAt) return
    this.#reapAt = now + Math.min(LONGEST_REAP_MS, runIdleMs / 4)
    reap(this.#writing(), (instance) => shares.isThere(instance)).catch(() => {})
  }

  #sweep(): void {
    if (!this.ready()) return
    const now = performance.now()
    if (now >= this.#resyncAt) {
      this.#resyncAt = now + RESYNC_MS
      this.#back()
    }
    this.#recorder?.refresh()
    this.#inbound.shares?.refresh()
    this.#reap()
    this.#index.expire().catch(() => {})
    this.#invoked.keep()
  }
}
