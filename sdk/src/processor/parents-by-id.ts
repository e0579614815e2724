import type { Span } from '@opentelemetry/api'
import type { OtelSpan } from './otel-span.ts'

// Spans that never end are forgotten at some time.
const MAX_SPANS = 4096

/**
 * Open spans of libraries that name a span's parent by its ids alone. The span in the parent context is then a
 * mere stand-in for the one that we know.
 */
export class ParentsById {
  readonly #spans = new Map<string, OtelSpan>()

  get isEmpty(): boolean {
    return this.#spans.size === 0
  }

  add(span: OtelSpan): void {
    this.#spans.set(span.spanContext().spanId, span)
    if (this.#spans.size <= MAX_SPANS) return
    for (const oldest of this.#spans.keys()) {
      this.#spans.delete(oldest)
      break
    }
  }

  remove(span: OtelSpan): void {
    if (this.#spans.size > 0) this.#spans.delete(span.spanContext().spanId)
  }

  /** The span that `standIn` stands for. */
  find(standIn: Span): OtelSpan | undefined {
    if (this.#spans.size === 0) return undefined
    const { traceId, spanId } = standIn.spanContext()
    const span = this.#spans.get(spanId)
    return span?.spanContext().traceId === traceId ? span : undefined
  }
}
