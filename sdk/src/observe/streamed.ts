import { NOTHING } from '../context/handoff.ts'
import type { CallProgress } from './progress.ts'

/** Characters of streamed text that are kept as the call's output. What comes after them is only a chunk. */
const MAX_OUTPUT_CHARS = 65_536

/** What a call has streamed so far, and from it the call's output. Ends once. */
export class Streamed {
  readonly #call: CallProgress
  readonly #decoder: InstanceType<typeof TextDecoder> | undefined
  #text = ''
  #chunks = 0
  #onlyText = true
  #ended = false

  /** @param bytesAreText - Whether bytes are UTF-8, as in a stream. Default: they are data, as in a generator. */
  constructor(call: CallProgress, bytesAreText = false) {
    this.#call = call
    this.#decoder = bytesAreText ? new TextDecoder() : undefined
    call.startClock()
  }

  get ended(): boolean {
    return this.#ended
  }

  /** A piece that the consumer is being given. */
  chunk(value: unknown): void {
    if (this.#ended) return
    if (this.#decoder === undefined || !(value instanceof Uint8Array)) {
      this.#add(value)
      return
    }
    const text = this.#decoder.decode(value, { stream: true })
    // Half a character waits for its other half.
    if (text !== '') this.#add(text)
  }

  /** The end, by itself or because the consumer left. Text that was streamed wins over what was returned. */
  end(returned?: unknown): void {
    if (this.#ended) return
    const rest = this.#decoder?.decode() ?? ''
    if (rest !== '') this.#add(rest)
    this.#ended = true
    if (this.#onlyText && this.#chunks > 0) this.#call.end(this.#text)
    else this.#call.end(returned === undefined ? NOTHING : returned)
  }

  fail(error: unknown): void {
    if (this.#ended) return
    this.#ended = true
    this.#call.fail(error)
  }

  #add(delta: unknown): void {
    this.#chunks++
    if (typeof delta !== 'string') {
      this.#onlyText = false
      this.#text = ''
    } else if (this.#onlyText && this.#text.length < MAX_OUTPUT_CHARS) {
      this.#text += delta.slice(0, MAX_OUTPUT_CHARS - this.#text.length)
    }
    this.#call.chunk(delta)
  }
}
