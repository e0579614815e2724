import { context, type Span, trace } from '@opentelemetry/api'
import type { SpanLink } from '../context/span-link.ts'
import type { ChunkKind } from '../event/agent-event.ts'
import type { TokenUsage } from '../event/usage.ts'
import type { AgentObserver } from '../observer/agent-observer.ts'
import type { OtelSpan } from './otel-span.ts'

/**
 * The link of spans that have not said yet what they are: their libraries may set the attributes that tell right
 * after the start. All of them right below the same span share one, so that none of them costs much.
 */
export class Unsettled implements SpanLink {
  /** The span right above, if that is unsettled itself. */
  readonly parent: OtelSpan | undefined
  /** What is above otherwise. */
  readonly above: SpanLink
  readonly #linkNow: (span: Span) => SpanLink | undefined

  /** @param linkNow - Looks at a span again: its own link if it has said by now what it is, else that above it. */
  constructor(
    parent: OtelSpan | undefined,
    above: SpanLink,
    linkNow: (span: Span) => SpanLink | undefined,
  ) {
    this.parent = parent
    this.above = above
    this.#linkNow = linkNow
  }

  get observer(): AgentObserver | undefined {
    return this.#active?.observer
  }

  chunk(delta: unknown, kind: ChunkKind): void {
    this.#active?.chunk(delta, kind)
  }

  event(name: string, content: unknown, namespace?: string): void {
    this.#active?.event(name, content, namespace)
  }

  usage(usage: TokenUsage, model?: string, provider?: string): void {
    this.#active?.usage(usage, model, provider)
  }

  cost(usd: number): void {
    this.#active?.cost(usd)
  }

  /** Signals come from the code of the active span, so that tells which one is meant. */
  get #active(): SpanLink | undefined {
    const span = trace.getSpan(context.active())
    return span && this.#linkNow(span)
  }
}
