import type { Context, Span } from '@opentelemetry/api'
import { offerRegistry } from '../context/active-registry.ts'
import { contentRules } from '../context/content-rules.ts'
import { handoff } from '../context/handoff.ts'
import { linkOf } from '../context/span-link.ts'
import { ObserverRegistry } from '../observer/observer-registry.ts'
import { priceLists } from '../prices/price-lists.ts'
import type { Prices } from '../prices/prices.ts'
import { assertRunBy, type RunBy } from '../run/conversation.ts'
import { RunAssembler } from '../run/run-assembler.ts'
import { sayOnce } from '../say-once.ts'
import type { OtelSpan } from './otel-span.ts'
import { type JoinRuns, RunNaming } from './run-naming.ts'
import { closingOf } from './span-closing.ts'
import { SpanEventTap } from './span-event-tap.ts'
import { SpanPlacing } from './span-placing.ts'

export interface AgentEventProcessorOptions {
  /** Where runs are recorded. Default: the registry that the process shares. */
  readonly registry?: ObserverRegistry | undefined
  /**
   * What a model call costs; a cost that the span carries wins. What this does not know is asked of
   * `@pydantic/genai-prices`, if that is installed. Default: that alone; `false`: no prices.
   */
  readonly prices?: Prices | false | undefined
  /** Whether run ids in inbound baggage are taken over. They are untrusted: default `false`. */
  readonly joinRuns?: JoinRuns | undefined
  /**
   * What a run is that nobody has named: a trace (`'trace'`, the default), or all traces of a conversation
   * (`'conversation'`), where spans name one as they start or right after: a span whose library tells it only at the
   * end stays in its trace's run. A conversation's run ends when it has been silent for `runIdleMs`, as abandoned:
   * nobody says that a conversation is over.
   */
  readonly runBy?: RunBy | undefined
  /**
   * Whether an event that is added to a span of an agent, workflow, step, tool or model call (`span.addEvent`) is an
   * `agent.event` at that moment. Wraps that method of these spans. Default `false`: then only `emit` is live.
   */
  readonly liveSpanEvents?: boolean | undefined
}

/**
 * A SpanProcessor that turns the spans of agents into live events. Add it to any provider of OpenTelemetry JS 1.30,
 * 2.x or 3.x; it exports nothing and changes nothing but the run id that it stamps on the spans of a run.
 */
export class AgentEventProcessor {
  readonly #assembler: RunAssembler
  readonly #placing: SpanPlacing
  readonly #forget: () => void

  constructor(options: AgentEventProcessorOptions = {}) {
    const { runBy = 'trace' } = options
    assertRunBy(runBy)
    const registry = options.registry ?? ObserverRegistry.getInstance()
    this.#assembler = new RunAssembler({
      liveRules: () => contentRules().live,
      prices: priceLists(options.prices),
    })
    const runs = new RunNaming(registry, this.#assembler, options.joinRuns ?? false, runBy)
    const tap = options.liveSpanEvents === true ? new SpanEventTap() : undefined
    this.#placing = new SpanPlacing(this.#assembler, runs, tap, sayFailed)
    handoff.takers++
    this.#forget = offerRegistry(registry)
  }

  onStart(span: Span, parentContext: Context): void {
    if (this.#placing.closed) return
    try {
      if (handoff.takers > 1 && linkOf(span) !== undefined) saySecond()
      // The SDK packages make spans that can be read.
      else this.#placing.place(span as OtelSpan, parentContext)
    } catch (error) {
      sayFailed(error)
    }
  }

  onEnd(span: unknown): void {
    try {
      const ended = span as OtelSpan
      const record = this.#placing.ended(ended)
      if (record !== undefined) this.#assembler.end(record, closingOf(ended, record.root))
    } catch (error) {
      sayFailed(error)
    }
  }

  /** Nothing waits here: events are in their observers as they happen. */
  async forceFlush(): Promise<void> {}

  async shutdown(): Promise<void> {
    if (this.#placing.closed) return
    this.#placing.closed = true
    handoff.takers--
    this.#forget()
  }
}

function saySecond(): void {
  sayOnce(
    'SPANCAST_SECOND_PROCESSOR',
    'A second AgentEventProcessor sees the same spans. The first one records them, this one does nothing.',
  )
}

function sayFailed(error: unknown): void {
  const reason = error instanceof Error ? error.message : String(error)
  sayOnce(
    'SPANCAST_PROCESSOR_FAILED',
    `AgentEventProcessor failed on a span: ${reason}. The application and its traces are not affected.`,
  )
}
