import type { ChunkKind } from '../event/agent-event.ts'

/** Text chunks that follow each other within this time become one event. */
export const JOIN_WITHIN_MS = 25
// A joined chunk goes out at the latest at this length, whatever the time.
const MAX_JOINED_CHARS = 8192

/** Takes one chunk event of a span. */
export type ChunkSink = (index: number, delta: unknown, kind: ChunkKind, timestamp: number) => void

/**
 * Joins the text chunks of one span: the first goes out at once, what follows closely goes out together. Chunks of
 * another kind are not joined, and never overtake text.
 */
export class ChunkJoiner {
  readonly #sink: ChunkSink
  #index = 0
  #lastSentMs = Number.NEGATIVE_INFINITY
  #waiting = ''
  #waitingKind: ChunkKind = 'text'
  #waitingSinceMs = 0
  #timer: ReturnType<typeof setTimeout> | undefined

  constructor(sink: ChunkSink) {
    this.#sink = sink
  }

  push(delta: unknown, kind: ChunkKind): void {
    const now = Date.now()
    if (typeof delta !== 'string' || kind === 'data') {
      this.flush()
      this.#send(delta, kind, now)
      return
    }
    if (this.#waiting !== '' && kind !== this.#waitingKind) this.flush()
    if (this.#waiting === '' && now - this.#lastSentMs >= JOIN_WITHIN_MS) {
      this.#send(delta, kind, now)
      return
    }
    this.#wait(delta, kind, now)
  }

  /** Sends what waits, now. */
  flush(): void {
    if (this.#timer !== undefined) {
      clearTimeout(this.#timer)
      this.#timer = undefined
    }
    if (this.#waiting === '') return
    const joined = this.#waiting
    this.#waiting = ''
    this.#send(joined, this.#waitingKind, this.#waitingSinceMs)
  }

  #wait(delta: string, kind: ChunkKind, now: number): void {
    if (this.#waiting === '') {
      this.#waitingKind = kind
      this.#waitingSinceMs = now
      this.#timer = setTimeout(() => this.flush(), JOIN_WITHIN_MS)
      this.#timer.unref?.()
    }
    this.#waiting += delta
    if (this.#waiting.length >= MAX_JOINED_CHARS) this.flush()
  }

  #send(delta: unknown, kind: ChunkKind, timestamp: number): void {
    this.#lastSentMs = Date.now()
    this.#sink(this.#index++, delta, kind, timestamp)
  }
}
