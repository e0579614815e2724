import { type OtherSpan, type OtherSpans, SPAN_WORDS } from '@spancast/sdk/internal'
import type { DecodedTraces } from './otlp-span.ts'
import { errorOf } from './span-error.ts'

/** Those spans of a request that concern no agent. Only where each hangs is read of them before somebody asks. */
export class DecodedOthers implements OtherSpans {
  readonly ids: Uint32Array
  readonly roots: number[] = []
  size = 0
  readonly #decoded: DecodedTraces
  /** The number that each has in its request. */
  readonly #numbers: Int32Array

  /** @param most - How many there can be. */
  constructor(decoded: DecodedTraces, most: number) {
    this.#decoded = decoded
    this.ids = new Uint32Array(most * SPAN_WORDS)
    this.#numbers = new Int32Array(most)
  }

  /** @param number - Of the span in its request. */
  add(number: number): void {
    const index = this.size++
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
