import { type Context, ROOT_CONTEXT } from '@opentelemetry/api'
import type { OtelSpan } from './otel-span.ts'

// In a long turn, those that are settled by then are dropped now and then.
const MANY = 1024
const NOW = Promise.resolve()

/** Spans that are looked at once more when the current turn has run: all of them together, oldest first. */
export class SecondLooks {
  readonly #isOpen: (span: OtelSpan) => boolean
  readonly #look: (span: OtelSpan, parentContext: Context) => void
  // Two lists in place of one of pairs: nothing to allocate for each span.
  #spans: OtelSpan[] = []
  #contexts: Context[] = []
  /** The newest one, which is not in the lists yet. */
  #newest: OtelSpan | undefined
  #newestContext: Context = ROOT_CONTEXT
  /** All before it are settled. */
  #first = 0
  #dropAt = MANY
  /** Whether the microtask is on its way. */
  #awaited = false

  /**
   * @param isOpen - Whether it is still to be found out what the span is.
   * @param look - Finds it out, unless that has been done. Must not throw.
   */
  constructor(
    isOpen: (span: OtelSpan) => boolean,
    look: (span: OtelSpan, parentContext: Context) => void,
  ) {
    this.#isOpen = isOpen
    this.#look = look
  }

  add(span: OtelSpan, parentContext: Context): void {
    // One microtask a turn; a promise's, since `queueMicrotask` makes an async resource each time.
    if (!this.#awaited) {
      this.#awaited = true
      void NOW.then(this.#run)
    }
    if (this.#newest !== undefined) this.#append(this.#newest, this.#newestContext)
    this.#newest = span
    this.#newestContext = parentContext
  }

  /** The span is settled: let go at once if it is the newest, as most that end in the turn that started them are. */
  settled(span: OtelSpan): void {
    if (this.#newest === span) this.#newest = undefined
  }

  /** What the span was started in; `undefined` if it does not wait here. */
  contextOf(span: OtelSpan): Context | undefined {
    if (this.#newest === span) return this.#newestContext
    // From both sides: spans end in the order of their starts, or in the opposite one.
    let low = this.#first
    let high = this.#spans.length - 1
    for (; low <= high; low++, high--) {
      const oldest = this.#spans[low]
      if (oldest === span) return this.#contexts[low]
      if (this.#spans[high] === span) return this.#contexts[high]
      if (low === this.#first && oldest !== undefined && !this.#isOpen(oldest)) this.#first++
    }
    return undefined
  }

  readonly #run = (): void => {
    this.#awaited = false
    if (this.#newest !== undefined) this.#append(this.#newest, this.#newestContext)
    this.#newest = undefined
    this.#newestContext = ROOT_CONTEXT
    if (this.#spans.length > 0) this.#lookAt(this.#spans, this.#contexts)
  }

  #lookAt(spans: readonly OtelSpan[], contexts: readonly Context[]): void {
    this.#replace([], [])
    for (let at = 0; at < spans.length; at++) {
      const span = spans[at]
      const parentContext = contexts[at]
      if (span === undefined || parentContext === undefined) continue
      this.#look(span, parentContext)
    }
  }

  #append(span: OtelSpan, parentContext: Context): void {
    this.#spans.push(span)
    this.#contexts.push(parentContext)
    if (this.#spans.length >= this.#dropAt) this.#drop()
  }

  #drop(): void {
    const spans: OtelSpan[] = []
    const contexts: Context[] = []
    for (let at = 0; at < this.#spans.length; at++) {
      const span = this.#spans[at]
      const parentContext = this.#contexts[at]
      if (span === undefined || parentContext === undefined) continue
      if (!this.#isOpen(span)) continue
      spans.push(span)
      contexts.push(parentContext)
    }
    this.#replace(spans, contexts)
  }

  #replace(spans: OtelSpan[], contexts: Context[]): void {
    this.#spans = spans
    this.#contexts = contexts
    this.#first = 0
    this.#dropAt = Math.max(MANY, spans.length * 2)
  }
}
