import type { Context } from '@opentelemetry/api'
import type { SpanLink } from '../context/span-link.ts'
import type { ChunkKind } from '../event/agent-event.ts'
import type { TokenUsage } from '../event/usage.ts'
import type { AgentObserver } from '../observer/agent-observer.ts'
import type { Run } from '../run/run.ts'
import type { SpanRecord } from '../run/span-record.ts'
import type { OtelSpan } from './otel-span.ts'
import type { Place } from './place.ts'

/** Looks at a span again; the last look decides what it is for good. */
export type LookAgain = (pending: Pending, isLast: boolean) => SpanLink

/** A span that has not said yet what it is: its library may set the attributes that tell right after its start. */
export class Pending implements SpanLink {
  readonly span: OtelSpan
  readonly parentContext: Context
  /** Where it stands for as long as nobody recognises it. */
  readonly place: Place | SpanRecord | Pending
  /** Where it turned out to stand. */
  settled: Place | SpanRecord | undefined
  readonly #lookAgain: LookAgain

  constructor(
    span: OtelSpan,
    parentContext: Context,
    place: Place | SpanRecord | Pending,
    lookAgain: LookAgain,
  ) {
    this.span = span
    this.parentContext = parentContext
    this.place = place
    this.#lookAgain = lookAgain
  }

  get run(): Run | undefined {
    return (this.settled ?? this.place).run
  }

  get observer(): AgentObserver | undefined {
    return this.#link.observer
  }

  chunk(delta: unknown, kind: ChunkKind): void {
    this.#link.chunk(delta, kind)
  }

  event(name: string, content: unknown, namespace?: string): void {
    this.#link.event(name, content, namespace)
  }

  usage(usage: TokenUsage, model?: string, provider?: string): void {
    this.#link.usage(usage, model, provider)
  }

  cost(usd: number): void {
    this.#link.cost(usd)
  }

  get #link(): SpanLink {
    return this.settled ?? this.#lookAgain(this, false)
  }
}
