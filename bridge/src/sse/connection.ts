import type { ServerResponse } from 'node:http'
import type { StreamEnd } from '@spancast/sdk'
import { commentFrame, recordFrame, retryFrame } from './frame.ts'
import type { Pulse, Ticking } from './pulse.ts'
import { type Sink, sinkOf } from './sink.ts'

/** What a stream shows to the one who fills it. */
export interface StreamEdge {
  readonly sink: Sink
  /** Ends the stream with its reason, after what was written. */
  finish(reason: StreamEnd['reason']): void
  /** Ends it as too slow: at once, with what waits. */
  cut(): void
}

/** Who fills a stream. */
export interface Carried {
  /** The last event that was handed over; 0 where events have no ids. */
  readonly lastSeq: number
  /** Where the reader resumes, if it carries what can be resumed. */
  readonly cursor?: string
  /** When what it carries last gave a sign of life, in milliseconds since the Unix epoch, if that can be said. */
  readonly lastSeenAt: number | undefined
  /** Whether the reader lags too far behind at `now`, a time of the pulse. */
  tooSlow(now: number): boolean
  /** The stream is over; nothing more may be written. Called once. */
  closed(): void
}

/** How a stream is written, where it is not in the run's own events. */
export interface StreamWords {
  /** Headers beside those of every stream. */
  readonly headers: Readonly<Record<string, string>>
  /** The frames that end it. @param id - Where its reader resumes, if there is anything to resume. */
  end(record: StreamEnd, id?: string): string
}

/** What a connection shares with the others of its bridge, and whom it tells. */
export interface ConnectionOwner {
  readonly heartbeatMs: number
  readonly maxStreamMs: number
  readonly maxReaderLagMs: number
  readonly pulse: Pulse
  ended(reason: StreamEnd['reason']): void
  closed(connection: Connection): void
}

export const STREAM_HEADERS: Readonly<Record<string, string>> = Object.freeze({
  'Content-Type': 'text/event-stream; charset=utf-8',
  // no-transform keeps compressing middleware and proxies away: they would hold events back.
  'Cache-Control': 'no-cache, no-transform',
  'X-Accel-Buffering': 'no',
})

const OWN_WORDS: StreamWords = { headers: {}, end: (record) => recordFrame(record) }

// What setTimeout can wait; a longer time would be over at once.
const LONGEST_TIMER_MS = 2 ** 31 - 1

/**
 * One response from its admission to its close: waiting, open, ending, closed. It writes the head, the comments that
 * keep the line alive and the record that ends it; what comes between is its `Carried`'s.
 */
export class Connection implements StreamEdge, Ticking {
  readonly #res: ServerResponse
  readonly #owner: ConnectionOwner
  readonly #giveBack: () => void
  #state: 'waiting' | 'open' | 'ending' | 'closed' = 'waiting'
  #sink: Sink | undefined
  #carried: Carried | undefined
  #words = OWN_WORDS
  #gaveUp: AbortController | undefined
  #pingAt = 0
  // Open: when it has lasted long enough. Ending: when the reader has had time enough to take the rest.
  #overAt = 0

  /** @param giveBack - Called when the response has closed. */
  constructor(res: ServerResponse, owner: ConnectionOwner, giveBack: () => void) {
    this.#res = res
    this.#owner = owner
    this.#giveBack = giveBack
    if (res.destroyed) {
      this.#state = 'closed'
      return
    }
    // The request's own 'close' does not come once its body was read.
    res.on('close', () => this.#onClose())
    // A pipelined response has no socket until the one before it is over, and never closes without one.
    if (res.socket === null) res.req.socket.on('close', () => this.#onClose())
  }

  /** Whether its head has not been sent. */
  get waiting(): boolean {
    return this.#state === 'waiting'
  }

  /** Whether nothing can be sent any more: it has ended, or the reader has left. */
  get over(): boolean {
    return this.#state === 'ending' || this.#state === 'closed'
  }

  /** Only once it is open. */
  get sink(): Sink {
    if (this.#sink === undefined) throw new Error('The stream has not been opened.')
    return this.#sink
  }

  /**
   * Fires when there is no use in waiting for a run any more: after `ms`, when the reader has left, or when the stream
   * ends.
   */
  patience(ms: number): AbortSignal {
    const gaveUp = new AbortController()
    this.#gaveUp = gaveUp
    const timer = setTimeout(() => gaveUp.abort(), Math.min(ms, LONGEST_TIMER_MS))
    timer.unref?.()
    gaveUp.signal.addEventListener('abort', () => clearTimeout(timer))
    return gaveUp.signal
  }

  /** It will be written in these words. */
  speak(words: StreamWords): void {
    this.#words = words
  }

  /** Ends the waiting. */
  found(): void {
    this.#gaveUp?.abort()
    this.#gaveUp = undefined
  }

  /**
   * Sends the head.
   *
   * @param fill - Writes what leaves with it in one system call; a burst at most.
   */
  open(fill?: () => void): void {
    if (this.#state !== 'waiting') return
    const { heartbeatMs, maxStreamMs, pulse } = this.#owner
    const now = performance.now()
    this.#state = 'open'
    this.#overAt = now + maxStreamMs * (0.9 + Math.random() * 0.2)
    // The first one early by chance, so that readers that came together are not woken together.
    this.#pingAt = now + heartbeatMs * (0.5 + Math.random() * 0.5)
    pulse.add(this)
    this.#sendHead(fill)
  }

  /** From now on `carried` fills the stream. */
  carry(carried: Carried): void {
    this.#carried = carried
  }

  /** Tells what scripts need not know. */
  comment(text: string): void {
    if (this.#state === 'open') this.sink.write(Buffer.from(commentFrame(text)))
  }

  finish(reason: StreamEnd['reason']): void {
    if (this.#state !== 'open') return
    const sink = this.sink
    const end = this.#leave(reason)
    this.#overAt = performance.now() + this.#owner.maxReaderLagMs
    // Spread over ten seconds, so that a restart does not bring all readers back at once.
    const retry = reason === 'shutdown' ? retryFrame(1000 + Math.random() * 9000) : ''
    sink.end(Buffer.from(retry + end))
  }

  cut(): void {
    if (this.#state !== 'open') return
    const sink = this.sink
    const end = this.#leave('too-slow')
    // It hardly ever arrives, but costs nothing to try.
    sink.write(Buffer.from(end))
    sink.reset()
  }

  /** The bridge closes: an open stream is told so, a waiting one stops waiting. */
  shutDown(): void {
    if (this.#state === 'waiting') this.#gaveUp?.abort()
    else this.finish('shutdown')
  }

  /** Ends it whatever state it is in. */
  destroy(): void {
    if (this.#state === 'closed') return
    if (this.#sink === undefined) this.#res.destroy()
    else this.#sink.reset()
  }

  tick(now: number): void {
    const sink = this.sink
    if (this.#state === 'ending') {
      if (now >= this.#overAt) sink.reset()
      return
    }
    if (this.#state !== 'open') return
    if (now >= this.#overAt) {
      this.finish('max-duration')
      return
    }
    if (this.#carried?.tooSlow(now) === true) {
      this.cut()
      return
    }
    if (now < this.#pingAt) return
    this.#pingAt = Math.max(this.#pingAt + this.#owner.heartbeatMs, now)
    // Behind bytes that wait, it would tell nobody anything.
    if (sink.waiting === 0) sink.write(Buffer.from(this.#ping()))
  }

  #sendHead(fill: (() => void) | undefined): void {
    const res = this.#res
    const socket = res.req.httpVersionMajor === 1 ? res.socket : null
    // The body ends with the connection: no chunk sizes around events, and the same for HTTP/1.0.
    res.useChunkedEncodingByDefault = false
    res.shouldKeepAlive = false
    socket?.setTimeout(0)
    socket?.cork()
    res.writeHead(200, { ...STREAM_HEADERS, ...this.#words.headers })
    res.flushHeaders()
    this.#sink = sinkOf(res)
    this.#sink.write(Buffer.from(retryFrame(1000 + Math.random() * 2000)))
    fill?.()
    socket?.uncork()
  }

  #ping(): string {
    const seenAt = this.#carried?.lastSeenAt
    return commentFrame(
      seenAt === undefined ? `ping ${Date.now()}` : `ping ${Date.now()} ${Math.round(seenAt)}`,
    )
  }

  /** @returns the frame that says why. */
  #leave(reason: StreamEnd['reason']): string {
    const lastSeq = this.#carried?.lastSeq ?? 0
    const cursor = this.#carried?.cursor
    this.#state = 'ending'
    this.found()
    this.#letGo()
    this.#owner.ended(reason)
    return this.#words.end({ type: 'stream.end', reason, lastSeq }, cursor)
  }

  #letGo(): void {
    const carried = this.#carried
    this.#carried = undefined
    carried?.closed()
  }

  #onClose(): void {
    if (this.#state === 'closed') return
    this.#state = 'closed'
    this.found()
    this.#letGo()
    this.#owner.pulse.remove(this)
    this.#giveBack()
    this.#owner.closed(this)
  }
}
