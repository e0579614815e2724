import { randomBytes } from 'node:crypto'
import type { AgentObserver } from '../observer/agent-observer.ts'
import type { Entry } from '../observer/entry.ts'
import type { ObserverRegistry } from '../observer/observer-registry.ts'
import { sayOnce } from '../say-once.ts'
import { Untraced } from '../untraced.ts'
import { type Answer, BridgeConnection } from './bridge-connection.ts'
import { Flushes } from './flushes.ts'
import { Heartbeats } from './heartbeats.ts'
import { type LinkLimits, linkLimits } from './link-limits.ts'
import { LinkQueue } from './link-queue.ts'
import { LinkRun } from './link-run.ts'
import { Patience } from './patience.ts'
import { RingReplay } from './ring-replay.ts'
import { type Shipment, Shipments } from './shipments.ts'

export interface LiveLinkOptions {
  /** Whose runs are sent. */
  readonly registry: ObserverRegistry
  /** Where a bridge takes OTLP logs. */
  readonly url: URL
  /** Goes out as a bearer token. */
  readonly token?: string | undefined
  /** The records' `service.name`. */
  readonly serviceName?: string | undefined
  readonly limits?: Partial<LinkLimits> | undefined
}

/** What became of the events of this process's runs. */
export interface LinkCounts {
  /** Events that the bridge has taken, each counted once. */
  readonly sentEvents: number
  /** Events that had to go before the bridge took them, or that it refused; without chunks. */
  readonly lostEvents: number
  /** Chunks that had to go: they go first. */
  readonly lostChunks: number
}

const FLUSH_MS = 5000
// A bridge that is restarted has a new name each time; of old ones, the newest are enough.
const MAX_MET = 32

/**
 * Sends the events of a process's runs to a bridge, as they happen: at once while the line is idle, together while a
 * request is under way. It never throws, never blocks and never keeps the process alive.
 */
export class LiveLink {
  readonly #id = randomBytes(8).toString('hex')
  readonly #runs = new Map<AgentObserver, LinkRun>()
  readonly #queue: LinkQueue
  readonly #replay = new RingReplay()
  readonly #heartbeats: Heartbeats
  readonly #shipments: Shipments
  readonly #bridge: BridgeConnection
  readonly #flushes = new Flushes()
  readonly #untraced = new Untraced()
  readonly #patience = new Patience(() => this.#wake())
  readonly #where: string
  readonly #unlisten: () => void
  /** Bridges that were met, by the names they gave themselves. */
  readonly #met = new Set<string>()
  #sent = 0
  #sending = false
  #closed: Promise<void> | undefined

  /** @throws SpancastError `invalid-option` for a limit that is no whole number from 1 up. */
  constructor({ registry, url, token, serviceName, limits }: LiveLinkOptions) {
    this.#queue = new LinkQueue(linkLimits(limits))
    this.#bridge = new BridgeConnection(url, token)
    this.#where = url.origin + url.pathname
    this.#heartbeats = new Heartbeats(
      () => this.#runs.values(),
      () => this.#wake(),
    )
    this.#shipments = new Shipments(this.#queue, this.#replay, this.#heartbeats, serviceName)
    this.#adopt(registry.list())
    this.#unlisten = registry.listen({
      appended: (observer, entry) => this.#appended(observer, entry),
      disposed: (observer) => this.#runs.delete(observer),
    })
  }

  get counts(): LinkCounts {
    const { lostEvents, lostChunks } = this.#queue
    return { sentEvents: this.#sent, lostEvents, lostChunks }
  }

  /**
   * Sends what is waiting now, and keeps the process alive meanwhile. Resolves when the bridge has taken it, when it
   * cannot be reached, or after `timeoutMs`; never rejects.
   */
  async flush(timeoutMs: number = FLUSH_MS): Promise<void> {
    if (!this.#sending && !this.#waiting) return
    const release = this.#bridge.hold()
    const flushed = this.#flushes.wait(this.#queue.newest, timeoutMs)
    // A wait of our own is cut short; one that the bridge has asked for is not.
    this.#patience.hurry()
    this.#wake()
    await flushed
    release()
  }

  /** Stops following the runs, sends what is waiting and closes the connection. Calling it twice is harmless. */
  close(timeoutMs: number = FLUSH_MS): Promise<void> {
    this.#closed ??= this.#close(timeoutMs)
    return this.#closed
  }

  async #close(timeoutMs: number): Promise<void> {
    this.#unlisten()
    this.#heartbeats.stop()
    await this.flush(timeoutMs)
    this.#patience.end()
    this.#shipments.stop()
    this.#bridge.close()
  }

  get #waiting(): boolean {
    return this.#queue.waiting > 0 || this.#replay.waiting || this.#heartbeats.waiting
  }

  /** Runs that began before the link did. */
  #adopt(observers: readonly AgentObserver[]): void {
    for (const observer of observers) {
      if (!observer.life.running || observer.life.elsewhere) continue
      const run = this.#runOf(observer)
      for (const entry of observer.entries(observer.lastSeq - 1)) run.last = run.numberOf(entry)
      run.done = run.last
    }
    if (this.#runs.size === 0) return
    this.#replayRuns()
    this.#wake()
  }

  #appended(observer: AgentObserver, entry: Entry): void {
    // What a bridge in this process has received is not ours to send: it would come back.
    if (observer.life.elsewhere) return
    const run = this.#runOf(observer)
    if (!run.sends(entry)) return
    run.last = run.numberOf(entry)
    this.#queue.push(run, entry)
    this.#wake()
  }

  #runOf(observer: AgentObserver): LinkRun {
    const known = this.#runs.get(observer)
    if (known !== undefined) return known
    const run = new LinkRun(observer, this.#id)
    this.#runs.set(observer, run)
    if (!this.#heartbeats.ticking) this.#untraced.run(() => this.#heartbeats.start())
    return run
  }

  /** Sends what there is, unless a request is under way or the bridge is given time. */
  #wake(): void {
    if (this.#sending || this.#patience.waits) return
    this.#sending = true
    // What else happens in this very step goes along.
    queueMicrotask(() => this.#untraced.run(() => void this.#send()))
  }

  async #send(): Promise<void> {
    try {
      while (!this.#patience.waits) {
        const shipment = this.#next()
        if (shipment === undefined) break
        this.#heed(await this.#bridge.post(shipment.body), shipment)
        this.#flushes.reached(this.#queue.oldest, this.#replay.waiting)
      }
    } catch (error) {
      this.#queue.lose()
      sayOnce('SPANCAST_LINK_FAILED', `The live link failed: ${reasonOf(error)}. It goes on.`)
    } finally {
      this.#sending = false
      this.#flushes.reached(this.#queue.oldest, this.#replay.waiting)
    }
  }

  #next(): Shipment | undefined {
    return this.#mayMeetAnother() ? this.#shipments.greeting() : this.#shipments.next()
  }

  /**
   * Whether the bridge may have been restarted since we last spoke. To be asked ahead of the next events, so that
   * what it has to hear again comes before them.
   */
  #mayMeetAnother(): boolean {
    if (!this.#waiting || this.#bridge.connected || this.#met.size === 0) return false
    for (const run of this.#runs.values()) if (run.unfinished && run.done > 0) return true
    return false
  }

  #heed(answer: Answer, shipment: Shipment): void {
    if (answer.kind === 'taken') {
      this.#patience.rewarded()
      this.#sent += shipment.taken()
    } else if (answer.kind === 'refused') {
      shipment.refused()
      sayOnce(
        'SPANCAST_LINK_REFUSED',
        `The bridge at ${this.#where} refuses live events (${answer.reason}). They are dropped and counted.`,
      )
    } else {
      shipment.again()
      if (answer.kind === 'later' || !answer.stale) this.#waitFor(answer)
    }
    if (answer.kind !== 'unreachable' && answer.instance !== undefined) this.#meet(answer.instance)
  }

  #waitFor(answer: Answer & { readonly kind: 'later' | 'unreachable' }): void {
    sayOnce(
      'SPANCAST_BRIDGE_AWAY',
      `The bridge at ${this.#where} does not take live events (${answer.reason}). They wait, within limits, and are sent when it is back.`,
    )
    const askedMs = answer.kind === 'later' ? answer.afterMs : undefined
    this.#patience.tried(askedMs)
    if (askedMs === undefined) this.#flushes.giveUp()
  }

  #meet(instance: string): void {
    if (this.#met.has(instance)) return
    const isFirst = this.#met.size === 0
    this.#met.add(instance)
    for (const oldest of this.#met) {
      if (this.#met.size <= MAX_MET) break
      this.#met.delete(oldest)
    }
    if (!isFirst) this.#replayRuns()
  }

  /** Sends the rings of running runs again, up to what waits anyway. */
  #replayRuns(): void {
    const waiting = this.#queue.firstNumbers()
    const runs = [...this.#runs.values()].filter((run) => run.unfinished)
    this.#replay.start(runs.map((run) => ({ run, until: (waiting.get(run) ?? run.last + 1) - 1 })))
  }
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
