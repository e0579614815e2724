import type { Defer } from './channel.ts'
import type { Carried, StreamEdge } from './connection.ts'
import { dataFrame } from './frame.ts'
import type { Delivered, ReaderLimits } from './reader.ts'

/** Subscribes to messages; each is JSON text. @returns the function that ends it. */
export type Subscribe = (fn: (message: { readonly json: string }) => void) => () => void

// A burst of one turn goes out in parts of this many messages.
const MAX_BATCH = 256

/** Fan-out without a past: what is published reaches those that are there, a turn's messages in one write. */
export class Broadcast {
  readonly #readers = new Set<BroadcastReader>()
  readonly #onIdle: () => void
  readonly #defer: Defer
  readonly #unsubscribe: () => void
  #pending: string[] = []

  /** @param onIdle - Called when the last reader has left: it is over then. */
  constructor(subscribe: Subscribe, onIdle: () => void, defer: Defer = setImmediate) {
    this.#onIdle = onIdle
    this.#defer = defer
    this.#unsubscribe = subscribe(({ json }) => this.#publish(json))
  }

  attach(reader: BroadcastReader): void {
    this.#readers.add(reader)
  }

  detach(reader: BroadcastReader): void {
    if (!this.#readers.delete(reader) || this.#readers.size > 0) return
    this.#unsubscribe()
    this.#pending = []
    this.#onIdle()
  }

  #publish(json: string): void {
    this.#pending.push(json)
    if (this.#pending.length === 1) this.#defer(() => this.#flush())
    else if (this.#pending.length === MAX_BATCH) this.#flush()
  }

  #flush(): void {
    const messages = this.#pending
    if (messages.length === 0) return
    this.#pending = []
    const bytes = Buffer.from(messages.map(dataFrame).join(''))
    for (const reader of this.#readers) reader.take(bytes, messages.length)
  }
}

/** One reader of a broadcast. With no past to catch up from, what it lags waits at its socket, within bounds. */
export class BroadcastReader implements Carried {
  readonly lastSeq = 0
  readonly lastSeenAt: undefined
  readonly #broadcast: Broadcast
  readonly #edge: StreamEdge
  readonly #limits: ReaderLimits
  readonly #delivered: Delivered
  #stuckSince = 0

  constructor(broadcast: Broadcast, edge: StreamEdge, limits: ReaderLimits, delivered: Delivered) {
    this.#broadcast = broadcast
    this.#edge = edge
    this.#limits = limits
    this.#delivered = delivered
  }

  start(): void {
    this.#broadcast.attach(this)
  }

  take(bytes: Buffer, messages: number): void {
    const { sink } = this.#edge
    const { waiting } = sink
    if (waiting > this.#limits.maxReaderBytes) {
      this.#edge.cut()
      return
    }
    if (waiting === 0) this.#stuckSince = 0
    this.#delivered.events += messages
    this.#delivered.bytes += bytes.length
    sink.write(bytes)
  }

  tooSlow(now: number): boolean {
    if (this.#edge.sink.waiting === 0) this.#stuckSince = 0
    else if (this.#stuckSince === 0) this.#stuckSince = now
    return this.#stuckSince !== 0 && now - this.#stuckSince > this.#limits.maxReaderLagMs
  }

  closed(): void {
    this.#broadcast.detach(this)
  }
}
