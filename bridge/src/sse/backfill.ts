import type { RunFeed } from '../store/run-store.ts'
import { eventFrame } from './frame.ts'

/** The frames of what is kept of `after < seq <= upto`, encoded once for all readers. */
export interface Piece {
  readonly upto: number
  readonly entries: number
  readonly bytes: Buffer
}

interface Kept extends Piece {
  /** Whether it ends where it was told to rather than where any reader would end it. */
  readonly tail: boolean
  used: boolean
}

// Pieces end at multiples of this where they can, so that readers that came from different places share them.
const PIECE_ENTRIES = 64
const PIECE_BYTES = 64 * 1024
const MAX_KEPT_BYTES = 4 * 1024 * 1024

/** Encoded pieces of one run's buffer, kept while readers come for them. */
export class Backfill {
  readonly #feed: RunFeed
  readonly #kept = new Map<number, Kept>()
  #keptBytes = 0

  constructor(feed: RunFeed) {
    this.#feed = feed
  }

  /** What follows `after`, up to `until` at most. Always moves on, by an empty piece if nothing is left. */
  piece(after: number, until: number): Piece {
    const kept = this.#kept.get(after)
    if (kept !== undefined) {
      if (this.#holds(kept, after, until)) {
        kept.used = true
        return kept
      }
      this.#drop(after, kept)
    }
    const made = this.#make(after, until)
    this.#keep(after, made)
    return made
  }

  /** Lets pieces go that nobody wanted since the last call. */
  sweep(): void {
    for (const [after, kept] of this.#kept) {
      if (kept.used) kept.used = false
      else this.#drop(after, kept)
    }
  }

  clear(): void {
    this.#kept.clear()
    this.#keptBytes = 0
  }

  /** Entries of a stretch can only go, never come: as many as then are the same as then. */
  #holds(kept: Kept, after: number, until: number): boolean {
    if (kept.upto > until || (kept.tail && kept.upto !== until)) return false
    return this.#feed.countEntries(after + 1, kept.upto) === kept.entries
  }

  #make(after: number, until: number): Kept {
    const { epoch } = this.#feed
    const frames: string[] = []
    const seqs: number[] = []
    let size = 0
    let tail = true
    for (const { seq, json } of this.#feed.entries(after, PIECE_ENTRIES)) {
      if (seq > until) break
      const frame = eventFrame(epoch, seq, json)
      frames.push(frame)
      seqs.push(seq)
      size += frame.length
      if (size < PIECE_BYTES && frames.length < PIECE_ENTRIES) continue
      tail = false
      break
    }
    let upto = tail ? until : (seqs[seqs.length - 1] ?? until)
    const boundary = upto - (upto % PIECE_ENTRIES)
    if (!tail && size < PIECE_BYTES && boundary > after) {
      upto = boundary
      while ((seqs[seqs.length - 1] ?? 0) > boundary) {
        seqs.pop()
        frames.pop()
      }
    }
    return {
      upto,
      entries: seqs.length,
      bytes: Buffer.from(frames.join('')),
      tail,
      used: true,
    }
  }

  #keep(after: number, piece: Kept): void {
    this.#kept.set(after, piece)
    this.#keptBytes += piece.bytes.length
    for (const [oldest, kept] of this.#kept) {
      if (this.#keptBytes <= MAX_KEPT_BYTES || oldest === after) break
      this.#drop(oldest, kept)
    }
  }

  #drop(after: number, piece: Kept): void {
    this.#kept.delete(after)
    this.#keptBytes -= piece.bytes.length
  }
}
