import type { AgentObserver, RunLimits } from '@spancast/sdk'
import { type Entry, isTalk } from '@spancast/sdk/internal'
import { isStoreAway } from '../store-away.ts'
import type { RedisConnection } from './connection.ts'
import { freshEpoch } from './fresh-epoch.ts'
import type { Keys } from './keys.ts'
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

/** An entry as it is sent. */
interface Parcel {
  readonly seq: number
  readonly type: string
  readonly namespace: string | undefined
  readonly chunk: boolean
  readonly json: string
}

const BATCH = 256
const BATCH_BYTES = 1024 * 1024
// How often the list hears of a run that goes on.
const TOUCH_MS = 250
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
  #pending: Entry[] = []
  /** Estimated bytes of what is pending. */
  #waiting = 0
  #flushing: Promise<void> | undefined
  #scheduled = false
  #stopped = false
  #touchedAt = 0
  #touchDue = false
  #listed = false
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
    this.#wait(observer.entries(this.#sentTo))
    if (this.#pending.length > 0) this.wake()
  }

  get observer(): AgentObserver {
    return this.#options.observer
  }

  /** Whether everything is in the store. */
  get idle(): boolean {
    return this.#pending.length === 0 && this.#flushing === undefined && !this.#scheduled
  }

  appended(entry: Entry): void {
    if (this.#stopped || entry.seq <= (this.#pending.at(-1)?.seq ?? this.#sentTo)) return
    this.#pending.push(entry)
    this.#waiting += entry.bytes
    const { maxEvents, maxChunks, maxRunBytes } = this.#deps.limits
    const many = this.#pending.length > 2 * (maxEvents + maxChunks)
    // What the observer has let go of meanwhile is not worth keeping here.
    if (many || this.#waiting > 2 * maxRunBytes) this.#wait(this.observer.entries(this.#sentTo))
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
      if (this.#pending.length > 0) this.wake()
    })
    return this.#flushing
  }

  /** Writes nothing any more. */
  stop(): void {
    this.#stopped = true
    this.#touchDue = false
    this.#wait([])
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
    } while (this.#pending.length > 0 || this.#touchDue)
  }

  async #step(): Promise<void> {
    const { connection, keys } = this.#deps
    const batch = this.#batch()
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

  #batch(): Parcel[] {
    const batch: Parcel[] = []
    let bytes = 0
    for (const entry of this.#pending) {
      // Before its text is made, after which the event would be parsed from it.
      const { seq, type, event } = entry
      const parcel = {
        seq,
        type,
        namespace: event.namespace,
        chunk: isTalk(event),
        json: entry.json,
      }
      batch.push(parcel)
      bytes += parcel.json.length
      if (batch.length === BATCH || bytes > BATCH_BYTES) break
    }
    return batch
  }

  #args(batch: readonly Parcel[]): string[] {
    const { observer, writer, fence } = this.#options
    const { limits } = this.#deps
    const last = batch.at(-1)?.seq ?? this.#sentTo
    const { firstEvent, firstChunk, lostTo } = observer.kept
    // What the observer has let go of must not go before it was told.
    const beyond = last + 1
    const ended = observer.ended && last >= observer.lastSeq
    const ttlMs = ended ? limits.retentionMs : limits.maxRunMs + limits.retentionMs
    const args = [
      this.#epoch,
      freshEpoch(),
      writer,
      String(fence),
      this.#begins ? '1' : '0',
      String(this.#sentTo),
      String(last),
      String(Math.min(lostTo, last)),
      String(Math.min(firstEvent, beyond)),
      String(Math.min(firstChunk, beyond)),
      ended ? '1' : '0',
      String(Math.round(observer.lastSeenAt)),
      JSON.stringify({ ...observer.summary(), lastSeq: Math.max(last, this.#sentTo) }),
      String(this.#over ? 0 : ttlMs),
    ]
    for (const { seq, chunk, json } of batch) args.push(String(seq), chunk ? 'c' : 'e', json)
    return args
  }

  async #stored(batch: readonly Parcel[]): Promise<void> {
    const newest = batch.at(-1)
    this.#begins = false
    if (newest !== undefined) this.#sentTo = newest.seq
    this.#wait(this.#pending.filter(({ seq }) => seq > this.#sentTo))
    const ends = newest?.type === 'run.end'
    if (ends) this.#over = true
    this.#tellNamespaces(batch)
    const now = performance.now()
    const soon = this.#listed && now - this.#touchedAt < TOUCH_MS
    if (soon && !ends && !this.#touchDue) return
    this.#touchedAt = now
    // Tried again if it fails: the end above all must be told.
    this.#touchDue = true
    await this.#touch()
  }

  async #touch(): Promise<void> {
    const { observer } = this.#options
    const { randomId, lastSeenAt: seenAt, bytes } = observer
    const begins = !this.#listed && this.#options.from === undefined
    const kept = await this.#deps.index.touch({
      randomId,
      begins,
      seenAt,
      bytes,
      ended: this.#over,
    })
    this.#listed = true
    this.#touchDue = false
    if (!kept) this.#letGo()
  }

  #tellNamespaces(batch: readonly Parcel[]): void {
    const said = new Map<string, string[]>()
    for (const { seq, type, json, namespace } of batch) {
      if (namespace === undefined) continue
      const lines = said.get(namespace)
      const line = `${seq} ${type} ${json}`
      if (lines === undefined) said.set(namespace, [line])
      else lines.push(line)
    }
    const { connection, keys } = this.#deps
    for (const [namespace, lines] of said) {
      // It is live only: who cannot be told now is told of what comes next.
      connection.run(SAY, [keys.namespace(namespace)], [lines.join('\n')]).catch(() => {})
    }
  }

  /** The store has less than it had, or another reader has seen that: all that is kept of it follows anew. */
  #goOn(epoch: string, seq: number): void {
    this.#epoch = epoch
    this.#sentTo = seq
    this.#over = false
    this.#listed = false
    const kept = this.observer.disposed ? this.#pending : this.observer.entries(seq)
    this.#wait(kept.filter((entry) => entry.seq > seq))
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

  #wait(pending: Entry[]): void {
    this.#pending = pending
    this.#waiting = pending.reduce((sum, { bytes }) => sum + bytes, 0)
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
