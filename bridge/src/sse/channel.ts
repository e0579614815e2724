import type { FeedEntry, FeedListener, RunFeed } from '../store/run-store.ts'
import { Backfill, type Piece } from './backfill.ts'
import { eventFrame } from './frame.ts'
import type { Ticking } from './pulse.ts'

/** A turn's events, encoded once: the frames of `from < seq <= to`. */
export interface Batch {
  readonly bytes: Buffer
  readonly entries: readonly FeedEntry[]
  readonly from: number
  readonly to: number
  /** Whether the run is over with it. */
  readonly final: boolean
}

/** A reader of a run's channel. */
export interface ChannelReader {
  /** More was published. */
  published(batch: Batch): void
  /** The run's buffer is gone. */
  disposed(): void
}

/** Calls `fn` when this turn of the event loop is over. */
export type Defer = (fn: () => void) => void

// A burst of one turn goes out in parts of this many events, so that it does not pile up here.
const MAX_BATCH = 256
const SWEEP_MS = 5000

/**
 * The fan-out of one run: one listener on its feed, however many readers. Events of one turn become one buffer, which
 * all live readers share; nothing is encoded while there are none.
 */
export class RunChannel implements FeedListener, Ticking {
  readonly feed: RunFeed
  /** The newest event that live readers were given. */
  headSeq: number
  /** Bytes that followers were given since the channel began, to measure lags with. */
  bytes = 0
  /** Readers that are through with their backfill: they want every event at once. */
  followers = 0
  readonly #readers = new Set<ChannelReader>()
  readonly #backfill: Backfill
  readonly #defer: Defer
  readonly #onIdle: () => void
  readonly #stopListening: () => void
  #pending: FeedEntry[] = []
  #sweepAt = 0

  /** @param onIdle - Called when the last reader has left: the channel is over then. */
  constructor(feed: RunFeed, onIdle: () => void, defer: Defer = setImmediate) {
    this.feed = feed
    this.headSeq = feed.lastSeq
    this.#backfill = new Backfill(feed)
    this.#defer = defer
    this.#onIdle = onIdle
    this.#stopListening = feed.listen(this)
  }

  attach(reader: ChannelReader): void {
    this.#readers.add(reader)
  }

  detach(reader: ChannelReader): void {
    if (!this.#readers.delete(reader) || this.#readers.size > 0) return
    this.#stopListening()
    this.#pending = []
    this.#backfill.clear()
    this.#onIdle()
  }

  /** The next frames after `after`, up to `until` at most, for a reader that is not live. */
  piece(after: number, until: number): Piece {
    return this.#backfill.piece(after, until)
  }

  appended(entry: FeedEntry): void {
    // It was there already when the channel began, and is only told late.
    if (entry.seq <= this.headSeq) return
    if (this.followers === 0 && this.#pending.length === 0) {
      this.headSeq = entry.seq
      return
    }
    this.#pending.push(entry)
    if (this.#pending.length === 1) this.#defer(() => this.#flush(true))
    else if (this.#pending.length === MAX_BATCH) this.#flush(true)
  }

  disposed(): void {
    const last = this.#pending[this.#pending.length - 1]
    // A run that was let go while it ran has just been ended as abandoned: that completes nothing.
    this.#flush(last?.type === 'run.end' && !isAbandoned(last))
    for (const reader of [...this.#readers]) reader.disposed()
  }

  tick(now: number): void {
    if (now < this.#sweepAt) return
    this.#sweepAt = now + SWEEP_MS
    this.#backfill.sweep()
  }

  #flush(mayComplete: boolean): void {
    const entries = this.#pending
    const last = entries[entries.length - 1]
    if (last === undefined) return
    this.#pending = []
    const from = this.headSeq
    this.headSeq = last.seq
    if (this.followers === 0) return
    const bytes = Buffer.from(this.#frames(entries))
    this.bytes += bytes.length
    const final = mayComplete && last.type === 'run.end'
    const batch: Batch = { bytes, entries, from, to: last.seq, final }
    for (const reader of this.#readers) reader.published(batch)
  }

  #frames(entries: readonly FeedEntry[]): string {
    const { epoch } = this.feed
    let text = ''
    for (const { seq, json } of entries) text += eventFrame(epoch, seq, json)
    return text
  }
}

function isAbandoned(runEnd: FeedEntry): boolean {
  return (JSON.parse(runEnd.json) as { status?: unknown }).status === 'abandoned'
}
