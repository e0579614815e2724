import type { StreamEnd } from '@spancast/sdk'
import type { Carried, StreamEdge } from '../connection.ts'
import type { Sink } from '../sink.ts'
import { StreamParser } from './parse-stream.ts'

/** A stream without a socket: a reader that takes as much as it is told to take. */
export class MemoryEdge implements StreamEdge, Sink {
  readonly sink: Sink = this
  readonly received: StreamParser = new StreamParser()
  endedBy: StreamEnd['reason'] | undefined
  carried: Carried | undefined
  #room: number
  #queue: Buffer[] = []
  #onDrain: (() => void)[] = []

  /** @param room - Bytes that it takes at once; more waits until it takes more. */
  constructor(room: number) {
    this.#room = room
  }

  get waiting(): number {
    return this.#queue.reduce((sum, bytes) => sum + bytes.length, 0)
  }

  /** The reader takes up to so many bytes more, now or as they come. */
  take(bytes: number): void {
    this.#room += bytes
    this.#move()
    if (this.waiting > 0) return
    for (const fn of this.#onDrain.splice(0)) fn()
  }

  write(bytes: Buffer): void {
    if (this.endedBy !== undefined) throw new Error('written after the end')
    this.#queue.push(bytes)
    this.#move()
  }

  cork(): void {}

  uncork(): void {}

  whenDrained(fn: () => void): void {
    this.#onDrain.push(fn)
  }

  end(): void {}

  reset(): void {}

  finish(reason: StreamEnd['reason']): void {
    if (this.endedBy !== undefined) return
    this.endedBy = reason
    this.leave()
  }

  cut(): void {
    this.finish('too-slow')
    this.#queue = []
  }

  /** The reader goes away. */
  leave(): void {
    const carried = this.carried
    this.carried = undefined
    carried?.closed()
  }

  #move(): void {
    for (
      let first = this.#queue[0];
      first !== undefined && this.#room > 0;
      first = this.#queue[0]
    ) {
      const part = first.subarray(0, this.#room)
      this.#room -= part.length
      this.received.push(part.toString('latin1'))
      if (part.length === first.length) this.#queue.shift()
      else this.#queue[0] = first.subarray(part.length)
    }
  }
}
