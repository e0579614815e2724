import { type OtherSpan, type OtherSpans, SPAN_WORDS } from '@spancast/sdk/internal'
import type { DecodedTraces } from './otlp-span.ts'
import { errorOf } from './span-error.ts'

const NO_IDS = new Uint32Array(0)
const NO_NUMBERS = new Int32Array(0)

/** Those spans of a request that concern no agent. Only where each hangs is read of them before somebody asks. */
export class DecodedOthers implements OtherSpans {
  ids: Uint32Array = NO_IDS
  readonly roots: number[] = []
  size = 0
  readonly #decoded: DecodedTraces
  /** The number that each has in its request. */
  #numbers: Int32Array = NO_NUMBERS
  readonly #most: number

  /** @param most - How many there can be. */
  constructor(decoded: DecodedTraces, most: number) {
    this.#decoded = decoded
    this.#most = most
  }

  /** @param number - Of the span in its request. */
  add(number: number): void {
    const index = this.size++
    if (index === 0) {
      this.ids = new Uint32Array(this.#most * SPAN_WORDS)
      this.#numbers = new Int32Array(this.#most)
    }
    this.#numbers[index] = number
    if (this.#decoded.place(number, this.ids, index * SPAN_WORDS)) this.roots.push(index)
  }

  startMs(index: number): number {
    return this.#decoded.startMs(this.#numberOf(index))
  }

  endMs(index: number): number {
    return this.#decoded.endMs(this.#numberOf(index))
  }

  span(index: number): OtherSpan {
    const decoded = this.#decoded
    const number = this.#numberOf(index)
    const { traceId, spanId, parentSpanId, isRemoteParent, startMs, endMs } = decoded.head(number)
    const local = parentSpanId === undefined || isRemoteParent
    const told: OtherSpan['told'] = () => {
      const detail = decoded.detail(number)
      return { name: detail.name, error: errorOf(detail) }
    }
    return { traceId, spanId, parentSpanId, local, startMs, endMs, told }
  }

  #numberOf(index: number): number {
    return this.#numbers[index] as number
  }
}
