import { randomBytes } from 'node:crypto'
import type { AgentObserver, ObserverRegistry, RunSummary } from '@spancast/sdk'
import type { CollectorCounts, SpanCollector } from '@spancast/sdk/internal'
import type { FeedEntry, ListQuery, RunFeed, RunPage, RunStore, StoreStats } from '../run-store.ts'
import { RedisConnection } from './connection.ts'
import { Feeds } from './feeds.ts'
import { InputLog } from './input-log.ts'
import { Intake } from './intake.ts'
import { InvokedRuns } from './invoked-runs.ts'
import { Keys } from './keys.ts'
import { LocalInputs } from './local-inputs.ts'
import { type RedisStoreConfig, type RedisStoreOptions, readRedisOptions } from './options.ts'
import { reap } from './reaper.ts'
import { Recorder } from './recorder.ts'
import { textIn } from './reply.ts'
import { Routes } from './routes.ts'
import { RunIndex } from './run-index.ts'
import { GET, SAY } from './run-scripts.ts'
import type { WriterDeps } from './run-writer.ts'
import { Share } from './share.ts'
import { RING } from './share-scripts.ts'
import { Shares } from './shares.ts'

const LONGEST_SWEEP_MS = 1000
const LONGEST_REAP_MS = 10_000
// Logs and routes outlive the runs that they are of by a margin.
const MARGIN_MS = 60_000
// What is said on channels is said once at most: what nobody heard is looked for this often.
const RESYNC_MS = 30_000
const INPUTS = 'inputs'

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
  readonly #invoked: InvokedRuns
  readonly #sweeping: NodeJS.Timeout
  readonly #routes: Routes
  readonly #log: InputLog
  readonly #ttlMs: number
  readonly #counts: CollectorCounts = { spans: 0, linked: 0, repeated: 0, late: 0, unread: 0 }
  #registry: ObserverRegistry | undefined
  #recorder: Recorder | undefined
  #shares: Shares | undefined
  #local: LocalInputs | undefined
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
    const { runIdleMs, runGraceMs, retentionMs, maxRunBytes } = config.limits
    this.#ttlMs = runIdleMs + runGraceMs + retentionMs + MARGIN_MS
    this.#routes = new Routes(this.#connection, this.#keys, this.#ttlMs)
    this.#log = new InputLog(this.#connection, this.#keys, this.#ttlMs, 2 * maxRunBytes)
    this.#connection.listen({ back: () => this.#back(), away: () => {} })
    const everyMs = Math.max(50, Math.min(LONGEST_SWEEP_MS, config.limits.retentionMs / 4))
    this.#sweeping = setInterval(() => this.#sweep(), everyMs)
    this.#sweeping.unref()
    // What fails is tried again for as long as it is open; `ready` tells.
    this.#connection.open().catch(() => {})
    this.#keep(this.#keys.bridge(this.#instance), (message) => this.#told(message))
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
      this.#claim(observer),
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
    if (this.#registry !== undefined) {
      const collector = collectorOf(this.#registry)
      this.#local = new LocalInputs(this.#homeGroup(), this.#log, collector)
    }
    const deps = this.#writing()
    const [log, ttlMs, counts] = [this.#log, this.#ttlMs, this.#counts]
    this.#shares = new Shares({
      connection: this.#connection,
      keys: this.#keys,
      instance: this.#instance,
      leaseMs: this.config.leaseMs,
      shareOf: (share, fence) => new Share({ share, fence, deps, log, ttlMs, counts, collectorOf }),
    })
    const shares = this.#shares
    const [, , free] = this.#keys.members()
    this.#keep(free, () => shares.look())
    shares.start()
    return new Intake({
      routes: this.#routes,
      byConversation,
      counts,
      put: (group, text, quiet) => this.#put(group, text, quiet),
    })
  }

  written(): readonly ObserverRegistry[] {
    const own = this.#registry === undefined ? [] : [this.#registry]
    return [...own, ...(this.#shares?.registries ?? [])]
  }

  stats(): StoreStats {
    const { calls } = this.#connection
    return { calls, followed: this.#feeds.size, shares: this.#shares?.size ?? 0 }
  }

  /** What all bridges of this store go by together; `undefined` until that is known. */
  get deployment(): string | undefined {
    return this.#shares?.deployment
  }

  async open(randomId: string): Promise<RunFeed | undefined> {
    const feed = await this.#feeds.open(randomId)
    if (feed !== undefined) return feed
    const named = await this.#named(randomId)
    return named === undefined ? undefined : this.#feeds.open(named)
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
    const summary = await this.#index.summary(randomId)
    if (summary !== undefined) return summary
    const named = await this.#named(randomId)
    return named === undefined ? undefined : this.#index.summary(named)
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
    await Promise.all([this.#recorder?.close(), this.#shares?.close()])
    this.#feeds.close()
    for (const stop of [...this.#stops]) stop()
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
    this.#shares?.look()
    this.#shares?.resync()
    this.#pullLocal()
  }

  #told(message: string): void {
    if (message === INPUTS) this.#pullLocal()
    else this.#invoked.told(message)
  }

  #pullLocal(): void {
    // What could not be read is read when the store is back.
    this.#local?.pull().catch(() => {})
  }

  /** What comes from elsewhere for a run of this very process is folded here. */
  #claim({ randomId, life }: AgentObserver): void {
    for (const id of [randomId, ...life.traceIds]) {
      this.#routes.set(id, this.#homeGroup()).catch(() => {})
    }
  }

  #homeGroup(): string {
    return `@${this.#instance}`
  }

  async #put(group: string, text: string, quiet: boolean): Promise<void> {
    await this.#log.put(group, 'input', text)
    if (group.startsWith('@')) {
      await this.#connection.run(SAY, [this.#keys.bridge(group.slice(1))], [INPUTS])
    } else {
      const args = [group, quiet ? '1' : '0']
      await this.#connection.run(RING, this.#keys.share(Shares.of(group)), args)
    }
  }

  #reap(): void {
    const now = performance.now()
    const { runIdleMs } = this.config.limits
    if (this.#shares === undefined || now < this.#reapAt) return
    this.#reapAt = now + Math.min(LONGEST_REAP_MS, runIdleMs / 4)
    const shares = this.#shares
    reap(this.#writing(), (instance) => shares.isThere(instance)).catch(() => {})
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
    const now = performance.now()
    if (now >= this.#resyncAt) {
      this.#resyncAt = now + RESYNC_MS
      this.#back()
    }
    this.#recorder?.refresh()
    this.#shares?.refresh()
    this.#reap()
    this.#index.expire().catch(() => {})
    this.#invoked.keep()
  }
}

function entryIn(line: string): FeedEntry {
  const [seq = '', type = ''] = line.split(' ', 2)
  return { seq: Number(seq), type, json: line.slice(seq.length + type.length + 2) }
}
