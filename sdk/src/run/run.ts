import type { ContentRules } from '../event/content.ts'
import type { AgentObserver } from '../observer/agent-observer.ts'
import type { SpanRecord } from './span-record.ts'

/** One run as its assembler sees it: where its events go, and which of its spans are open. */
export class Run {
  readonly observer: AgentObserver
  readonly #rulesNow: () => ContentRules | undefined
  #newest: SpanRecord | undefined

  constructor(observer: AgentObserver, rulesNow: () => ContentRules | undefined) {
    this.observer = observer
    this.#rulesNow = rulesNow
  }

  /** What is done to content for live readers; `undefined` when they get none. */
  get liveRules(): ContentRules | undefined {
    return this.#rulesNow()
  }

  /** The span that opened last among those that are open. */
  get newestOpen(): SpanRecord | undefined {
    return this.#newest
  }

  opened(span: SpanRecord): void {
    const { life } = this.observer
    life.openSpans++
    life.steps++
    // A list through the records themselves: nothing to allocate, nothing to hash.
    span.previous = this.#newest
    if (this.#newest !== undefined) this.#newest.next = span
    this.#newest = span
  }

  closed(span: SpanRecord): void {
    this.observer.life.openSpans--
    if (span.previous !== undefined) span.previous.next = span.next
    if (span.next !== undefined) span.next.previous = span.previous
    if (this.#newest === span) this.#newest = span.previous
    span.previous = undefined
    span.next = undefined
  }
}
