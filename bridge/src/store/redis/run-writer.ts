import type { AgentObserver, RunLimits } from '@spancast/sdk'
import type { Entry } from '@spancast/sdk/internal'
import { isStoreAway } from '../store-away.ts'
import { appendArgs } from './append-args.ts'
import { Backlog, type Parcel } from './backlog.ts'
import type { RedisConnection } from './connection.ts'
import { freshEpoch } from './fresh-epoch.ts'
import type { Keys } from './keys.ts'
import { Listing } from './listing.ts'
import { namespaceMessages } from './namespace-message.ts'
import { listOf, numberOf, textOf } from './reply.ts'
import type { RunIndex } from './run-index.ts'
import { APPEND, SAY } from './run-scripts.ts'

/** What all writers of a bridge share. */
export interface WriterDeps {
  readonly connection: RedisConnection
  readonly keys: Keys
  readonly index: RunIndex
  readonly limits: RunLimits
}

export interface WriterOptions {
  readonly observer: AgentObserver
  /** Names this writer among those of the same fence. */
  readonly writer: string
  /** Of two writers of one run, the one with the lower fence has to stop. */
  readonly fence: number
  /** Where an earlier writer was; `undefined` if the run begins here. */
  readonly from?: { readonly epoch: string; readonly seq: number } | undefined
  /** Whether what the store has of the run is replaced. */
  readonly anew?: boolean | undefined
  /** Another one writes the run now. */
  readonly fenced?: (() => void) | undefined
}

const FIRST_RETRY_MS = 50
const LONGEST_RETRY_MS = 1000
const MAX_FAILURES = 3

/**
 * Copies one observer's events into the store, in order, each once: batches of a turn, one at a time. While the store
 * is away, what waits is bounded as the observer's own ring is.
 */
export class RunWriter {
  readonly #deps: WriterDeps
  readonly #options: WriterOptions
  #epoch: string
  #begins: boolean
  #sentTo: number
  readonly #backlog = new Backlog()
  readonly #listing: Listing
  #flushing: Promise<void> | undefined
  #scheduled = false
  #stopped = false
  #told = ''
  #failures = 0
  /** Whether the run's end is in the store: how long that is kept is settled then. */
  #over = false

  constructor(deps: WriterDeps, options: WriterOptions) {
    this.#deps = deps
    this.#options = options
    const { observer, from } = options
    this.#epoch = from?.epoch ?? observer.epoch
    this.#begins = from === undefined || options.anew === true
    this.#sentTo = from?.seq ?? 0
    this.#listing = new Listing(deps.index, observer, from === undefined)
    this.#backlog.replace(observer.entries(this.#sentTo))
    if (!this.#backlog.empty) this.wake()
  }

  get observer(): AgentObserver {
    return this.#options.observer
  }

  /** Whether everything is in the store. */
  get idle(): boolean {
    return this.#backlog.empty && this.#flushing === undefined && !this.#scheduled
  }

  appended(entry: Entry): void {
    if (this.#stopped || entry.seq <= (this.#backlog.lastSeq ?? this.#sentTo)) return
    this.#backlog.push(entry)
    // What the observer has let go of meanwhile is not worth keeping here.
    if (this.#backlog.exceeds(this.#deps.limits)) {
      this.#backlog.replace(this.observer.entries(this.#sentTo))
    }
    this.wake()
  }

  /** Tells the store how the run is, if that has changed without an event. */
  refresh(): void {
    if (this.#sentTo > 0 && this.idle && this.#vitals() !== this.#told) this.wake()
  }

  /** Writes what waits when this turn is over. */
  wake(): void {
    if (this.#scheduled || this.#stopped) return
    this.#scheduled = true
    setImmediate(() => {
      this.#scheduled = false
      void this.flush()
    })
  }

  /** Resolves when what waits now is in the store, or nobody wants it there any more. Never rejects. */
  flush(): Promise<void> {
    this.#flushing ??= this.#flush().finally(() => {
      this.#flushing = undefined
      if (!this.#backlog.empty) this.wake()
    })
    return this.#flushing
  }

  /** Writes nothing any more. */
  stop(): void {
    this.#stopped = true
    this.#listing.stop()
    this.#backlog.replace([])
  }

  async #flush(): Promise<void> {
    let retryMs = FIRST_RETRY_MS
    do {
      if (this.#stopped) return
      try {
        await this.#step()
        retryMs = FIRST_RETRY_MS
      } catch (error) {
        if (!isStoreAway(error)) {
          this.#failed(error)
          continue
        }
        await pause(retryMs)
        retryMs = Math.min(LONGEST_RETRY_MS, retryMs * 2)
      }
    } while (!this.#backlog.empty || this.#listing.due)
  }

  async #step(): Promise<void> {
    const { connection, keys } = this.#deps
    const batch = this.#backlog.batch()
    const vitals = this.#vitals()
    const { randomId } = this.observer
    const reply = listOf(await connection.run(APPEND, keys.run(randomId), this.#args(batch)))
    switch (reply[0]) {
      case 'ok':
        this.#told = vitals
        await this.#stored(batch)
        return
      case 'epoch':
        this.#goOn(textOf(reply[1]), numberOf(reply[2]))
        return
      case 'missing':
        await this.#missing()
        return
      default:
        this.stop()
        this.#options.fenced?.()
    }
  }

  #args(batch: readonly Parcel[]): string[] {
    const { observer, writer, fence } = this.#options
    const { limits } = this.#deps
    const [epoch, begins, base, over] = [this.#epoch, this.#begins, this.#sentTo, this.#over]
    return appendArgs({ observer, limits, epoch, writer, fence, begins, base, over, batch })
  }

  async #stored(batch: readonly Parcel[]): Promise<void> {
    const newest = batch.at(-1)
    this.#begins = false
    if (newest !== undefined) this.#sentTo = newest.seq
    this.#backlog.dropTo(this.#sentTo)
    const ends = newest?.type === 'run.end'
    if (ends) this.#over = true
    this.#tellNamespaces(batch)
    if (!(await this.#listing.tell(ends, this.#over))) this.#letGo()
  }

  #tellNamespaces(batch: readonly Parcel[]): void {
    const { connection, keys } = this.#deps
    for (const [namespace, message] of namespaceMessages(batch)) {
      // It is live only: who cannot be told now is told of what comes next.
      connection.run(SAY, [keys.namespace(namespace)], [message]).catch(() => {})
    }
  }

  /** The store has less than it had, or another reader has seen that: all that is kept of it follows anew. */
  #goOn(epoch: string, seq: number): void {
    this.#epoch = epoch
    this.#sentTo = seq
    this.#over = false
    this.#listing.unlist()
    if (this.observer.disposed) this.#backlog.dropTo(seq)
    else this.#backlog.replace(this.observer.entries(seq))
  }

  async #missing(): Promise<void> {
    if (this.#over) {
      this.stop()
      return
    }
    if (await this.#deps.index.went(this.observer.randomId)) {
      this.#letGo()
      return
    }
    this.#begins = true
    this.#goOn(freshEpoch(), 0)
  }

  /** It had to go to make room for others. */
  #letGo(): void {
    this.stop()
    if (!this.observer.disposed) this.observer.dispose()
  }

  /** What the store has is not what it should be: the run is told anew, unless that helps not either. */
  #failed(error: unknown): void {
    this.#failures++
    if (this.#failures > MAX_FAILURES) this.stop()
    else {
      this.#begins = true
      this.#goOn(freshEpoch(), 0)
    }
    process.emitWarning('A run could not be written to the store.', {
      type: 'SpancastWarning',
      code: 'SPANCAST_STORE_FAILED',
      detail: error instanceof Error ? error.message : String(error),
    })
  }

  /** What a summary may show that no event has told. */
  #vitals(): string {
    const { lastSeq, lastSeenAt, life } = this.observer
    return `${lastSeq} ${lastSeenAt} ${life.lateEvents} ${life.openSpans} ${life.name}`
  }
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, ms).unref()
  })
}
