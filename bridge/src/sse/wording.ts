import type { StreamGap } from '@spancast/sdk'
import type { FeedEntry } from '../store/run-store.ts'
import type { Piece } from './backfill.ts'
import type { Batch, RunChannel } from './channel.ts'
import { cursorFrame, recordFrame } from './frame.ts'
import type { Telling } from './telling.ts'

/** Gives a reader the bytes of what it is to be sent. */
export interface Wording {
  /** What a reader that has everything up to `after` is told before it goes on. */
  begin(after: number): string
  /** What follows `after`, up to `until` at most. Always moves on. */
  piece(after: number, until: number): Piece
  /** What was published this turn. */
  batch(batch: Batch): Buffer
  gap(gap: StreamGap, id: string): string
}

/** The run's own events: encoded once, for all readers. */
export class SharedWording implements Wording {
  readonly #channel: RunChannel

  constructor(channel: RunChannel) {
    this.#channel = channel
  }

  begin(): string {
    return ''
  }

  piece(after: number, until: number): Piece {
    return this.#channel.piece(after, until)
  }

  batch({ bytes }: Batch): Buffer {
    return bytes
  }

  gap(gap: StreamGap, id: string): string {
    return recordFrame(gap, id)
  }
}

// As much as one piece of the shared wording has.
const PIECE_ENTRIES = 64
const PIECE_BYTES = 64 * 1024

/**
 * Another format. What it says depends on where its reader came in and on what that reader was told, so it is made
 * for each: its readers are the few who look at one conversation.
 */
export class ToldWording implements Wording {
  readonly #channel: RunChannel
  readonly #telling: Telling

  constructor(channel: RunChannel, telling: Telling) {
    this.#channel = channel
    this.#telling = telling
  }

  begin(after: number): string {
    if (after === 0) return ''
    for (const entry of this.#channel.feed.entries(0)) {
      if (entry.seq > after) break
      this.#telling.skip(entry)
    }
    return this.#telling.resume()
  }

  piece(after: number, until: number): Piece {
    let text = ''
    let told = 0
    let last = after
    for (const entry of this.#channel.feed.entries(after, PIECE_ENTRIES)) {
      if (entry.seq > until) break
      text += this.#entry(entry)
      told++
      last = entry.seq
      if (text.length >= PIECE_BYTES) break
    }
    const full = told === PIECE_ENTRIES || text.length >= PIECE_BYTES
    return { upto: full ? last : until, entries: told, bytes: Buffer.from(text) }
  }

  batch({ entries }: Batch): Buffer {
    return Buffer.from(entries.map((entry) => this.#entry(entry)).join(''))
  }

  gap(gap: StreamGap, id: string): string {
    return this.#telling.gap(gap, id)
  }

  #entry(entry: FeedEntry): string {
    return this.#telling.entry(entry, `${this.#channel.feed.epoch}.${entry.seq}`)
  }
}

/** Moves the cursor of a reader to the beginning of another buffer. */
export function begunAnew(channel: RunChannel, wording: Wording, told: 'told' | 'untold'): string {
  const id = `${channel.feed.epoch}.0`
  // Told: the news went out before there was an epoch to name.
  if (told === 'told') return cursorFrame(id)
  return wording.gap({ type: 'stream.gap', reason: 'restarted' }, id)
}
