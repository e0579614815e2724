import type { ContentRules } from '../event/content.ts'
import type { TokenUsage } from '../event/usage.ts'
import type { AgentObserver } from '../observer/agent-observer.ts'
import type { SpanRecord } from './span-record.ts'

// Those who tell of the same answer do so at about the same time.
const MAX_ANSWERS = 256

/** One run as its assembler sees it: where its events go, and which of its spans are open. */
export class Run {
  readonly observer: AgentObserver
  readonly #rulesNow: () => ContentRules | undefined
  #newest: SpanRecord | undefined
  /** Which library has told each answer of a model, by the answer's id: the newest. */
  #answers: Map<string, string> | undefined

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

  /**
   * Whether another library has told of this answer of a model, and its usage: side by side they tell of one call.
   * The same library tells of each once, so that for it an id that comes again is another answer.
   */
  hasAnswer(responseId: string | undefined, scope: string, usage: TokenUsage | null): boolean {
    if (responseId === undefined || usage === null) return false
    this.#answers ??= new Map()
    const teller = this.#answers.get(responseId)
    if (teller !== undefined && teller !== scope) return true
    this.#answers.set(responseId, scope)
    const [oldest] = this.#answers.keys()
    if (this.#answers.size > MAX_ANSWERS && oldest !== undefined) this.#answers.delete(oldest)
    return false
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
