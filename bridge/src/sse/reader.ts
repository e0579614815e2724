import type { Batch, ChannelReader, RunChannel } from './channel.ts'
import type { Carried, StreamEdge } from './connection.ts'
import { begunAnew, type Wording } from './wording.ts'

export interface ReaderLimits {
  /** How far a live reader may fall behind, in bytes of frames. */
  readonly maxReaderBytes: number
  /** How long what was written to a live reader may wait, in milliseconds. */
  readonly maxReaderLagMs: number
}

/** Counts what was sent, for all streams of a bridge. */
export interface Delivered {
  events: number
  bytes: number
}

interface Gap {
  readonly from: number
  readonly to: number
}

// Backfill that leaves in one system call.
const BURST_BYTES = 256 * 1024
// What a frame has around its JSON, for measuring a lag.
const FRAME_BYTES = 32

/**
 * One reader of one run. It catches up from the run's buffer, as fast as its socket takes it, and then lives on the
 * channel's batches. A live reader whose socket is full is written nothing more: it stays where it is in the buffer,
 * at no cost, and catches up when the socket is free, or is cut when it lags too far.
 */
export class RunReader implements ChannelReader, Carried {
  readonly #channel: RunChannel
  readonly #wording: Wording
  readonly #edge: StreamEdge
  readonly #limits: ReaderLimits
  readonly #delivered: Delivered
  #phase: 'backfill' | 'live' | 'behind' | 'over' = 'backfill'
  #after: number
  /** The last event that a gap has told about. */
  #toldTo = 0
  /** While behind: the channel's count of bytes at `#after`. */
  #position = 0
  #stuckSince = 0

  /** @param after - The reader has everything up to this `seq`. */
  constructor(
    channel: RunChannel,
    wording: Wording,
    edge: StreamEdge,
    after: number,
    limits: ReaderLimits,
    delivered: Delivered,
  ) {
    this.#channel = channel
    this.#wording = wording
    this.#edge = edge
    this.#after = after
    this.#limits = limits
    this.#delivered = delivered
  }

  get lastSeq(): number {
    return this.#after
  }

  get cursor(): string {
    return `${this.#channel.feed.epoch}.${this.#after}`
  }

  get lastSeenAt(): number {
    return this.#channel.feed.lastSeenAt
  }

  /** The first burst: the news that the buffer is another one, if it is, and what the reader has not seen. */
  begin(restarted: 'told' | 'untold' | undefined): void {
    this.#channel.attach(this)
    const news =
      restarted === undefined
        ? this.#wording.begin(this.#after)
        : begunAnew(this.#channel, this.#wording, restarted)
    if (news !== '') this.#write(Buffer.from(news))
    this.#burst()
  }

  /** Goes on after the first burst. */
  start(): void {
    this.#pump()
  }

  published(batch: Batch): void {
    const { sink } = this.#edge
    if (this.#phase === 'live') {
      if (sink.waiting === 0 && this.#after === batch.from) {
        this.#stuckSince = 0
        this.#after = batch.to
        this.#delivered.events += batch.entries.length
        this.#write(this.#wording.batch(batch))
        if (batch.final) this.#edge.finish('completed')
        return
      }
      this.#phase = 'behind'
      this.#position = this.#channel.bytes - batch.bytes.length
      this.#pump()
    } else if (this.#phase === 'behind' && this.#lagsTooFar()) {
      this.#edge.cut()
    }
  }

  disposed(): void {
    this.#edge.finish('disposed')
  }

  tooSlow(now: number): boolean {
    if (this.#phase === 'backfill' || this.#edge.sink.waiting === 0) {
      this.#stuckSince = 0
      return false
    }
    if (this.#stuckSince === 0) this.#stuckSince = now
    return now - this.#stuckSince > this.#limits.maxReaderLagMs
  }

  closed(): void {
    if (this.#phase === 'live' || this.#phase === 'behind') this.#channel.followers--
    this.#phase = 'over'
    this.#channel.detach(this)
  }

  /** Hands over what the reader has not seen, until its socket is full or it is up to date. */
  #pump(): void {
    const { sink } = this.#edge
    while (this.#phase === 'backfill' || this.#phase === 'behind') {
      if (sink.waiting > 0) {
        sink.whenDrained(() => this.#pump())
        return
      }
      this.#stuckSince = 0
      if (this.#after >= this.#channel.headSeq) {
        this.#caughtUp()
        return
      }
      sink.cork()
      this.#burst()
      sink.uncork()
    }
  }

  #burst(): void {
    let room = BURST_BYTES
    while (room > 0 && this.#after < this.#channel.headSeq) room -= this.#pull()
  }

  /** @returns how many bytes it took from the buffer. */
  #pull(): number {
    const gap = this.#gapAhead()
    // A gap's id moves the reader's cursor past it: what comes before it has to be with the reader by then.
    const until = gap === undefined ? this.#channel.headSeq : gap.from - 1
    if (gap !== undefined && until === this.#after) return this.#tell(gap)
    const piece = this.#wording.piece(this.#after, until)
    this.#after = piece.upto
    this.#position += piece.bytes.length
    this.#delivered.events += piece.entries
    if (piece.entries > 0) this.#write(piece.bytes)
    return piece.bytes.length
  }

  /** What is gone of the stretch ahead and has not been told. */
  #gapAhead(): Gap | undefined {
    const { feed, headSeq } = this.#channel
    const gap = feed.gapAfter(Math.max(this.#after, this.#toldTo))
    // What is beyond the head is still on its way to live readers, whatever the buffer has lost.
    if (gap === undefined || gap.from > headSeq) return undefined
    return { from: gap.from, to: Math.min(gap.to, headSeq) }
  }

  /** Tells a gap, once, before what survives of it. */
  #tell(gap: Gap): number {
    this.#toldTo = gap.to
    const record = { type: 'stream.gap', reason: 'overwritten', ...gap } as const
    const bytes = Buffer.from(this.#wording.gap(record, `${this.#channel.feed.epoch}.${gap.to}`))
    this.#write(bytes)
    return bytes.length
  }

  #caughtUp(): void {
    const { feed } = this.#channel
    if (feed.ended && this.#after >= feed.lastSeq) {
      this.#edge.finish('completed')
      return
    }
    if (this.#phase === 'backfill') this.#channel.followers++
    this.#phase = 'live'
  }

  #lagsTooFar(): boolean {
    const { maxReaderBytes } = this.#limits
    if (this.#channel.bytes - this.#position <= maxReaderBytes) return false
    // The count includes what was overwritten meanwhile, which the reader will never be sent.
    let left = 0
    for (const { json } of this.#channel.feed.entries(this.#after)) {
      left += Buffer.byteLength(json) + FRAME_BYTES
    }
    this.#position = this.#channel.bytes - left
    return left > maxReaderBytes
  }

  #write(bytes: Buffer): void {
    this.#delivered.bytes += bytes.length
    this.#edge.sink.write(bytes)
  }
}
