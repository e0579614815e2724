import type { ServerResponse } from 'node:http'
import type { Socket } from 'node:net'

/** Where the bytes of one stream go. */
export interface Sink {
  /** Bytes handed over that the kernel has not taken yet. */
  readonly waiting: number
  /** Must be given whole frames, so that a stream may end after any of them. */
  write(bytes: Buffer): void
  /** What is written until `uncork` leaves together. */
  cork(): void
  uncork(): void
  /** Calls `fn` once, in a later turn, when nothing waits any more; or when the reader is gone. */
  whenDrained(fn: () => void): void
  /** Ends the stream after these bytes. */
  end(bytes: Buffer): void
  /** Ends it now and gives back what it holds, here and in the kernel. */
  reset(): void
}

const NOTHING = Buffer.alloc(0)

/**
 * The sink behind a response whose head has been sent: the socket itself where the body is nothing but its bytes,
 * since a shared buffer written there costs a third of `res.write`; else the response.
 */
export function sinkOf(res: ServerResponse): Sink {
  const plain =
    res.req.httpVersionMajor === 1 && !res.chunkedEncoding && !res.hasHeader('Content-Encoding')
  // A pipelined response has no socket until the one before it is over.
  return plain && res.socket !== null ? new SocketSink(res, res.socket) : new ResponseSink(res)
}

class SocketSink implements Sink {
  readonly #res: ServerResponse
  readonly #socket: Socket

  constructor(res: ServerResponse, socket: Socket) {
    this.#res = res
    this.#socket = socket
  }

  get waiting(): number {
    return this.#socket.writableLength
  }

  write(bytes: Buffer): void {
    // A reader that has closed its half is on its way out; writing would only raise an error.
    if (this.#socket.writable) this.#socket.write(bytes)
  }

  cork(): void {
    this.#socket.cork()
  }

  uncork(): void {
    this.#socket.uncork()
  }

  whenDrained(fn: () => void): void {
    if (!this.#socket.writable) return
    // 'drain' comes only after a write that returned false, which a small one never does.
    this.#socket.write(NOTHING, () => fn())
  }

  end(bytes: Buffer): void {
    this.write(bytes)
    this.#res.end()
  }

  reset(): void {
    try {
      // Unlike destroy(), it frees the megabytes that the kernel holds for a reader that does not read.
      this.#socket.resetAndDestroy()
    } catch {
      // Only TCP sockets can be reset: not TLS, not a pipe.
      this.#socket.destroy()
    }
  }
}

class ResponseSink implements Sink {
  readonly #res: ServerResponse & { flush?: () => void }
  #waiting = 0

  constructor(res: ServerResponse) {
    this.#res = res
  }

  get waiting(): number {
    return this.#waiting
  }

  write(bytes: Buffer): void {
    if (this.#res.writableEnded || this.#res.destroyed) return
    const taken = this.#res.write(bytes)
    // A compressing response keeps what it was given until it is told to let go.
    this.#res.flush?.()
    if (taken) return
    if (this.#waiting === 0) {
      this.#res.once('drain', () => {
        this.#waiting = 0
      })
    }
    this.#waiting += bytes.length
  }

  cork(): void {}

  uncork(): void {}

  whenDrained(fn: () => void): void {
    this.#res.once('drain', fn)
  }

  end(bytes: Buffer): void {
    if (!this.#res.writableEnded) this.#res.end(bytes)
  }

  reset(): void {
    this.#res.destroy()
  }
}
