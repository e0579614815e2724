import { ProtocolError } from '../errors.ts'
import type { Heartbeat } from '../state/reduce.ts'
import { SseParser } from './sse-parser.ts'

/** One message of a stream, or what a heartbeat says. `id` is the one to resume after. */
export interface Frame<T> {
  readonly value: T | Heartbeat | undefined
  readonly id: string | undefined
}

// Content is capped at 32 KiB a field; far beyond that it is no bridge.
const MAX_MESSAGE_CHARS = 8 * 1024 * 1024

/** The frames of a body, in the pieces in which they come. */
export class FrameReader<T> {
  /** How long the bridge asks to wait before the next try, in milliseconds. */
  retryMs: number | undefined
  #frames: Frame<T>[] = []
  readonly #decoder = new TextDecoder()
  readonly #parser: SseParser

  /** @param decode - `undefined` for a message that is of no use. */
  constructor(decode: (value: unknown) => T | undefined) {
    this.#parser = new SseParser(
      {
        message: (data, id, event) => {
          if (event === '') this.#frames.push({ value: decode(jsonIn(data)), id })
        },
        cursor: (id) => this.#frames.push({ value: undefined, id }),
        comment: (text) => this.#comment(text),
        retry: (ms) => {
          this.retryMs = ms
        },
      },
      MAX_MESSAGE_CHARS,
    )
  }

  /** The frames that these bytes complete. */
  read(bytes: Uint8Array): readonly Frame<T>[] {
    this.#parser.push(this.#decoder.decode(bytes, { stream: true }))
    const frames = this.#frames
    this.#frames = []
    return frames
  }

  #comment(text: string): void {
    const [, server, seen] = /^ping (\d{1,15})(?: (\d{1,15}))?$/.exec(text) ?? []
    if (server === undefined) return
    const value: Heartbeat = {
      type: 'client.heartbeat',
      serverTime: Number(server),
      lastSeenAt: seen === undefined ? undefined : Number(seen),
      receivedAt: Date.now(),
    }
    this.#frames.push({ value, id: undefined })
  }
}

function jsonIn(data: string): unknown {
  try {
    return JSON.parse(data)
  } catch (cause) {
    throw new ProtocolError('Expected JSON in every message, got something else.', { cause })
  }
}
