import { type Context, type Span, trace } from '@opentelemetry/api'
import type { ChunkKind } from '../event/agent-event.ts'
import type { TokenUsage } from '../event/usage.ts'
import type { AgentObserver } from '../observer/agent-observer.ts'
import { observationOf } from './observation-context.ts'

/**
 * The way from a span to its run. A processor puts it on each span that it sees inside a run; chunks, custom
 * events and recorded usage, which are no spans, go this way from whoever holds the span.
 */
export interface SpanLink {
  /** Where its signals go; `undefined` while it is in no run. */
  readonly observer?: AgentObserver | undefined
  /** A streamed piece. Never throws. */
  chunk(delta: unknown, kind: ChunkKind): void
  /** A custom event. Never throws. `namespace` overrides the span's own. */
  event(name: string, content: unknown, namespace?: string): void
  /** Usage of one more model call, made by this very span. */
  usage(usage: TokenUsage, model?: string, provider?: string): void
  /** US dollars, for this very span. */
  cost(usd: number): void
}

const KEY = Symbol.for('spancast.link.v1')
type Linked = { [KEY]?: SpanLink }

/** What a processor tied to this span; `undefined` if none did. */
export function linkOf(span: Span | undefined): SpanLink | undefined {
  return span === undefined ? undefined : (span as Linked)[KEY]
}

/** Ties `link` to the span, for as long as the span lives. */
export function setLink(span: Span, link: SpanLink): void {
  ;(span as Linked)[KEY] = link
}

/** The link of the context's active span. */
export function activeLink(context: Context): SpanLink | undefined {
  return linkOf(trace.getSpan(context))
}

/**
 * The link of the context's active span, if it leads to the run that the context is in. An observer in the context
 * wins over the run of a span that is further out.
 */
export function linkInRun(context: Context): SpanLink | undefined {
  const link = activeLink(context)
  const observer = observationOf(context)?.observer
  return observer === undefined || link?.observer === observer ? link : undefined
}
