import type { FeedEntry, FeedListener, RunFeed } from '../run-store.ts'
import type { RunMessage } from './run-message.ts'
import { RunWindow } from './run-window.ts'

/** What the feed asks for when it cannot go on by itself. */
export interface FeedOwner {
  /** Messages were missed: reads what came after `after` and hands it to `take`. */
  behind(feed: RedisFeed): void
  /** Somebody listens, or nobody does any more. */
  used(feed: RedisFeed): void
  /** It takes nothing any more. */
  over(feed: RedisFeed): void
}

/** This bridge's window on a run in the store: read once, then kept up by what is said on the run's channel. */
export class RedisFeed implements RunFeed {
  readonly randomId: string
  readonly epoch: string
  ended = false
  disposed = false
  lastSeenAt = 0
  readonly #window = new RunWindow()
  readonly #owner: FeedOwner
  #listeners: readonly FeedListener[] = []
  #retired = false

  constructor(randomId: string, first: RunMessage, owner: FeedOwner) {
    this.randomId = randomId
    this.epoch = first.epoch
    this.#owner = owner
    this.#add(first)
  }

  get lastSeq(): number {
    return this.#window.lastSeq
  }

  get listeners(): number {
    return this.#listeners.length
  }

  entries(after: number, limit?: number): readonly FeedEntry[] {
    return this.#window.after(after, limit)
  }

  countEntries(from: number, to: number): number {
    return this.#window.count(from, to)
  }

  gapAfter(after: number): { readonly from: number; readonly to: number } | undefined {
    return this.#window.gapAfter(after)
  }

  listen(listener: FeedListener): () => void {
    // A function of its own, so that the same one given twice is told twice.
    const own: FeedListener = {
      appended: (entry) => listener.appended(entry),
      disposed: () => listener.disposed?.(),
    }
    this.#listeners = [...this.#listeners, own]
    this.#owner.used(this)
    // It was let go between being opened and being listened to.
    if (this.disposed || this.#retired) queueMicrotask(() => own.disposed?.())
    return () => {
      const left = this.#listeners.filter((other) => other !== own)
      if (left.length === this.#listeners.length) return
      this.#listeners = left
      this.#owner.used(this)
    }
  }

  /** Nothing follows any more here, though the run may go on: who listens from now on has to come back. */
  retire(): void {
    this.#retired = true
  }

  /** Takes what follows. Another epoch ends this feed: what is in the store is another buffer. */
  take(message: RunMessage): void {
    if (this.disposed) return
    if (message.epoch !== this.epoch) this.dispose()
    else if (message.base > this.lastSeq) this.#owner.behind(this)
    else this.#tell(this.#add(message))
  }

  /** The buffer is gone. */
  dispose(): void {
    if (this.disposed) return
    this.disposed = true
    this.#owner.over(this)
    for (const listener of this.#listeners) listener.disposed?.()
  }

  /** Whether what the store has is the same event as the newest here. */
  agrees(message: RunMessage): boolean {
    const newest = this.#window.after(this.lastSeq - 1, 1)[0]
    const stored = message.entries.find(({ entry }) => entry.seq === this.lastSeq)?.entry
    return newest === undefined || stored === undefined || newest.json === stored.json
  }

  /** @returns what is new. */
  #add(message: RunMessage): FeedEntry[] {
    const added: FeedEntry[] = []
    for (const { entry, chunk } of message.entries) {
      if (entry.seq <= this.lastSeq) continue
      this.#window.append(entry, chunk)
      added.push(entry)
    }
    this.#window.lastSeq = Math.max(this.#window.lastSeq, message.last)
    this.#window.trim(message.firstEvent, message.firstChunk, message.lost)
    this.lastSeenAt = Math.max(this.lastSeenAt, message.seenAt)
    this.ended ||= message.ended
    return added
  }

  #tell(added: readonly FeedEntry[]): void {
    for (const entry of added) for (const listener of this.#listeners) listener.appended(entry)
  }
}
