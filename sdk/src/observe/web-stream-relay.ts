import type {
  ReadableByteStreamController,
  ReadableStreamBYOBReader,
  ReadableStreamDefaultController,
  ReadableStreamDefaultReader,
} from 'node:stream/web'
import { context } from '@opentelemetry/api'
import type { CallProgress } from './progress.ts'
import { Streamed } from './streamed.ts'

type Controller = ReadableStreamDefaultController | ReadableByteStreamController
type Reader =
  | { readonly byob: false; readonly reader: ReadableStreamDefaultReader }
  | { readonly byob: true; readonly reader: ReadableStreamBYOBReader }

/** Stands between the stream that was returned and the one that is handed on: its source, a pull at a time. */
export class WebStreamRelay {
  readonly #source: ReadableStream
  readonly #call: CallProgress
  readonly #streamed: Streamed
  #from: Reader
  #pulling = false
  #sourceClosed = false

  /** Locks `source`. */
  constructor(source: ReadableStream, call: CallProgress) {
    this.#source = source
    this.#call = call
    this.#streamed = new Streamed(call, true)
    this.#from = { byob: false, reader: source.getReader() }
  }

  start(controller: Controller): void {
    this.#followClosing(controller)
  }

  /** One chunk, for a consumer that takes it as it is. */
  pull(controller: Controller): Promise<void> {
    return this.#pulled(controller, async () => {
      const reader = this.#chunkReader(controller)
      const { done, value } = await context.with(this.#call.context, () => reader.read())
      if (this.#streamed.ended) return
      if (done) {
        this.#close(controller)
        return
      }
      this.#streamed.chunk(value)
      controller.enqueue(value)
    })
  }

  /** Bytes, for a consumer that may have brought its own buffer. */
  pullBytes(controller: ReadableByteStreamController): Promise<void> {
    const request = controller.byobRequest
    const view = request?.view
    if (!request || !view) return this.pull(controller)
    return this.#pulled(controller, async () => {
      const reader = this.#bufferReader(controller)
      // Not the consumer's own buffer: a read takes it away, and one that is cancelled does not bring it back.
      const buffer = new Uint8Array(view.byteLength)
      const { done, value } = await context.with(this.#call.context, () => reader.read(buffer))
      if (this.#streamed.ended) return
      if (done) {
        this.#close(controller)
        request.respond(0)
        return
      }
      this.#streamed.chunk(value)
      new Uint8Array(view.buffer, view.byteOffset, value.byteLength).set(value)
      request.respond(value.byteLength)
    })
  }

  async cancel(reason: unknown): Promise<void> {
    this.#streamed.end()
    await context.with(this.#call.context, () => this.#from.reader.cancel(reason))
  }

  async #pulled(controller: Controller, pull: () => Promise<void>): Promise<void> {
    this.#pulling = true
    try {
      await pull()
    } catch (error) {
      this.#streamed.fail(error)
      throw error
    } finally {
      this.#pulling = false
    }
    if (this.#sourceClosed) this.#close(controller)
  }

  /** A source may close or fail while nobody reads, and a consumer may wait for just that. */
  #followClosing(controller: Controller): void {
    const { reader } = this.#from
    const current = () => reader === this.#from.reader && !this.#streamed.ended
    reader.closed.then(
      () => {
        if (!current()) return
        this.#sourceClosed = true
        // The last chunk may be under way.
        if (!this.#pulling) this.#close(controller)
      },
      (error: unknown) => {
        if (!current() || this.#pulling) return
        this.#streamed.fail(error)
        controller.error(error)
      },
    )
  }

  #close(controller: Controller): void {
    if (this.#streamed.ended) return
    this.#streamed.end()
    controller.close()
  }

  #chunkReader(controller: Controller): ReadableStreamDefaultReader {
    if (!this.#from.byob) return this.#from.reader
    this.#from.reader.releaseLock()
    const reader = this.#source.getReader()
    this.#from = { byob: false, reader }
    this.#followClosing(controller)
    return reader
  }

  #bufferReader(controller: Controller): ReadableStreamBYOBReader {
    if (this.#from.byob) return this.#from.reader
    this.#from.reader.releaseLock()
    const reader = this.#source.getReader({ mode: 'byob' })
    this.#from = { byob: true, reader }
    this.#followClosing(controller)
    return reader
  }
}
