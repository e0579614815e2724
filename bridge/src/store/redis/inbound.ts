import type { AgentObserver, ObserverRegistry } from '@spancast/sdk'
import type { CollectorCounts, SpanCollector } from '@spancast/sdk/internal'
import { InputLog } from './input-log.ts'
import { Intake } from './intake.ts'
import { LocalInputs } from './local-inputs.ts'
import { Routes } from './routes.ts'
import { SAY } from './run-scripts.ts'
import type { WriterDeps } from './run-writer.ts'
import { Share } from './share.ts'
import { RING } from './share-scripts.ts'
import { Shares } from './shares.ts'
import type { Watches } from './watches.ts'

export interface InboundOptions {
  readonly deps: WriterDeps
  readonly watches: Watches
  /** Names this bridge. */
  readonly instance: string
  readonly leaseMs: number
}

// Logs and routes outlive the runs that they are of by a margin.
const MARGIN_MS = 60_000
/** What is told to a bridge when something has come for the runs of its own process. */
export const INPUTS = 'inputs'

/** What arrives at bridges, and where it goes: to the bridge that folds its share, or whose process records its run. */
export class Inbound {
  readonly #options: InboundOptions
  readonly #routes: Routes
  readonly #log: InputLog
  readonly #ttlMs: number
  readonly #counts: CollectorCounts = { spans: 0, linked: 0, repeated: 0, late: 0, unread: 0 }
  #shares: Shares | undefined
  #local: LocalInputs | undefined

  constructor(options: InboundOptions) {
    this.#options = options
    const { connection, keys, limits } = options.deps
    const { runIdleMs, runGraceMs, retentionMs, maxRunBytes } = limits
    this.#ttlMs = runIdleMs + runGraceMs + retentionMs + MARGIN_MS
    this.#routes = new Routes(connection, keys, this.#ttlMs)
    this.#log = new InputLog(connection, keys, this.#ttlMs, 2 * maxRunBytes)
  }

  /** Who folds here; `undefined` if nobody does. */
  get shares(): Shares | undefined {
    return this.#shares
  }

  /**
   * @param own - The runs that this process records, if it records any.
   * @param collectorOf - Folds spans and link records into the runs of a registry.
   */
  open(
    own: ObserverRegistry | undefined,
    collectorOf: (registry: ObserverRegistry) => SpanCollector,
    byConversation: boolean,
  ): Intake {
    const { deps, watches, instance, leaseMs } = this.#options
    const { connection, keys } = deps
    if (own !== undefined) {
      this.#local = new LocalInputs(this.#homeGroup(), this.#log, collectorOf(own))
    }
    const [log, ttlMs, counts] = [this.#log, this.#ttlMs, this.#counts]
    const shares = new Shares({
      connection,
      keys,
      instance,
      leaseMs,
      shareOf: (share, fence) => new Share({ share, fence, deps, log, ttlMs, counts, collectorOf }),
    })
    this.#shares = shares
    const [, , free] = keys.members()
    watches.add(free, () => shares.look())
    shares.start()
    return new Intake({
      routes: this.#routes,
      byConversation,
      counts,
      put: (group, text, quiet) => this.#put(group, text, quiet),
    })
  }

  /** What comes from elsewhere for a run of this very process is folded here. */
  claim({ randomId, life }: AgentObserver): void {
    for (const id of [randomId, ...life.traceIds]) {
      this.#routes.set(id, this.#homeGroup()).catch(() => {})
    }
  }

  /** Takes what has come for the runs of this process. */
  pullLocal(): void {
    // What could not be read is read when the store is back.
    this.#local?.pull().catch(() => {})
  }

  /** The store was away: what was said meanwhile was not heard. */
  back(): void {
    this.#shares?.look()
    this.#shares?.resync()
    this.pullLocal()
  }

  async close(): Promise<void> {
    await this.#shares?.close()
  }

  #homeGroup(): string {
    return `@${this.#options.instance}`
  }

  async #put(group: string, text: string, quiet: boolean): Promise<void> {
    const { connection, keys } = this.#options.deps
    await this.#log.put(group, 'input', text)
    if (group.startsWith('@')) {
      await connection.run(SAY, [keys.bridge(group.slice(1))], [INPUTS])
    } else {
      await connection.run(RING, keys.share(Shares.of(group)), [group, quiet ? '1' : '0'])
    }
  }
}
