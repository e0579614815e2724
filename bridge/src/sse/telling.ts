import type { StreamGap } from '@spancast/sdk'
import type { FeedEntry } from '../store/run-store.ts'
import type { StreamWords } from './connection.ts'

/**
 * Tells one stream's reader a run in other words than the run's own events. It knows what its reader has been told, so
 * that each stream has its own. Everything that it gives is whole frames.
 */
export interface Telling extends StreamWords {
  /** The reader has been told this entry, by an earlier stream. */
  skip(entry: FeedEntry): void
  /** What a reader needs to go on after what was skipped. */
  resume(): string
  /** An entry of the run's buffer. Its last frame carries the `id`, which moves the reader's cursor. */
  entry(entry: FeedEntry, id: string): string
  /** @param id - Where the reader resumes after it, if that can be said. */
  gap(gap: StreamGap, id?: string): string
}

/** A format that a stream can be told in. */
export interface StreamFormat {
  readonly name: string
  /** Headers beside those of every stream. */
  readonly headers: Readonly<Record<string, string>>
  tell(randomId: string): Telling
}
