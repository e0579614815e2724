import { type Context, type Span, SpanStatusCode, trace } from '@opentelemetry/api'
import {
  ABANDONED,
  ERROR_TYPE,
  EXCEPTION_MESSAGE,
  EXCEPTION_STACKTRACE,
  EXCEPTION_TYPE,
  RUN_CANCELLED,
  RUN_ID,
} from '../attributes.ts'
import { offerRegistry } from '../context/active-registry.ts'
import { contentRules } from '../context/content-rules.ts'
import { handoff, NOTHING } from '../context/handoff.ts'
import { inboundRunId, observationOf } from '../context/observation-context.ts'
import { linkOf, setLink } from '../context/span-link.ts'
import { classify } from '../dialect/classify.ts'
import type { Dialect, Recognised, SpanFacts } from '../dialect/span-facts.ts'
import type { ErrorInfo } from '../event/agent-event.ts'
import { type Captured, capture } from '../event/content.ts'
import { errorInfo, infoOf, publishError } from '../event/error-info.ts'
import { ObserverRegistry } from '../observer/observer-registry.ts'
import { isRandomId } from '../observer/random-id.ts'
import type { Prices } from '../run/prices.ts'
import type { Run } from '../run/run.ts'
import { RunAssembler } from '../run/run-assembler.ts'
import { SpanRecord } from '../run/span-record.ts'
import { sayOnce } from '../say-once.ts'
import { SCOPE_NAME } from '../version.ts'
import { msOf, type OtelSpan, scopeOf } from './otel-span.ts'
import { Place } from './place.ts'

/** Takes a run id that came from another process, or refuses it. Must not throw. */
export type JoinRuns = boolean | ((randomId: string) => boolean)

export interface AgentEventProcessorOptions {
  /** Where runs are recorded. Default: the registry that the process shares. */
  readonly registry?: ObserverRegistry | undefined
  /** What a model call costs; a cost that the span carries wins. Default: unknown. */
  readonly prices?: Prices | undefined
  /** Whether run ids in inbound baggage are taken over. They are untrusted: default `false`. */
  readonly joinRuns?: JoinRuns | undefined
}

/**
 * A SpanProcessor that turns the spans of agents into live events. Add it to any provider of OpenTelemetry JS 1.30,
 * 2.x or 3.x; it exports nothing and changes nothing but the run id that it stamps on the spans of a run.
 */
export class AgentEventProcessor {
  readonly #registry: ObserverRegistry
  readonly #joinRuns: JoinRuns
  readonly #assembler: RunAssembler
  readonly #forget: () => void
  #down = false

  constructor(options: AgentEventProcessorOptions = {}) {
    this.#registry = options.registry ?? ObserverRegistry.getInstance()
    this.#joinRuns = options.joinRuns ?? false
    this.#assembler = new RunAssembler({
      liveRules: () => contentRules().live,
      prices: options.prices,
    })
    handoff.takers++
    this.#forget = offerRegistry(this.#registry)
  }

  onStart(span: Span, parentContext: Context): void {
    if (this.#down) return
    try {
      this.#started(span as OtelSpan, parentContext)
    } catch (error) {
      sayFailed(error)
    }
  }

  onEnd(span: unknown): void {
    try {
      this.#ended(span as OtelSpan)
    } catch (error) {
      sayFailed(error)
    }
  }

  /** Nothing waits here: events are in their observers as they happen. */
  async forceFlush(): Promise<void> {}

  async shutdown(): Promise<void> {
    if (this.#down) return
    this.#down = true
    handoff.takers--
    this.#forget()
  }

  #started(span: OtelSpan, parentContext: Context): void {
    if (linkOf(span) !== undefined) {
      sayOnce(
        'SPANCAST_SECOND_PROCESSOR',
        'A second AgentEventProcessor sees the same spans. The first one records them, this one does nothing.',
      )
      return
    }
    const observation = observationOf(parentContext)
    const above = placeOf(linkOf(trace.getSpan(parentContext)))
    const run = observation === undefined ? above?.run : this.#runFor(observation.observer, above)
    const inRun = above !== undefined && above.run === run ? above : undefined
    const facts = factsOf(span)
    const is = classify(facts)
    if (is === undefined) {
      this.#startUnknown(span, parentContext, run, inRun)
      return
    }
    const own = facts.scope === SCOPE_NAME
    const parent = inRun instanceof Place ? this.#rootRecord(inRun) : inRun
    if (parent !== undefined && !own && foldsInto(parent, is)) {
      parent.folded = true
      setLink(span, parent)
      return
    }
    const { traceId, spanId } = span.spanContext()
    const its =
      parent?.run ??
      run ??
      this.#joinedRun(parentContext) ??
      this.#runNamed(traceId, calledFromRun(parentContext))
    stampRunId(span, its)
    const record = this.#assembler.start(its, parent, {
      traceId,
      spanId,
      is,
      timestamp: msOf(span.startTime),
      input: capturedInput(span, is),
      own,
      root: is.role === 'run' || (parent === undefined && observation === undefined),
    })
    setLink(span, record)
  }

  /** The run of an observer that a context carries; mostly it is the one above. */
  #runFor(observer: Run['observer'], above: Place | SpanRecord | undefined): Run {
    return above?.run?.observer === observer ? above.run : this.#assembler.runOf(observer)
  }

  #startUnknown(
    span: OtelSpan,
    parentContext: Context,
    run: Run | undefined,
    above: Place | SpanRecord | undefined,
  ): void {
    const its = run ?? (above === undefined ? this.#joinedRun(parentContext) : undefined)
    const place = above ?? new Place(span, its, run === undefined, calledFromRun(parentContext))
    setLink(span, place)
    if (its !== undefined) stampRunId(span, its)
  }

  /** The record of a root that nobody recognised: made when a run begins below it. */
  #rootRecord(place: Place): SpanRecord | undefined {
    if (place.record !== undefined || !place.holds) return place.record
    const { root } = place
    // What runs on after its root stands for itself: a root that has ended already would hold its run for ever.
    if (!root.isRecording()) return undefined
    const { traceId, spanId } = root.spanContext()
    const run = place.run ?? this.#runNamed(traceId, place.called)
    place.run = run
    place.record = this.#assembler.start(run, undefined, {
      traceId,
      spanId,
      is: { dialect: UNKNOWN, role: 'run', name: root.name },
      timestamp: msOf(root.startTime),
      input: undefined,
      own: false,
      root: true,
    })
    return place.record
  }

  /** @param joined - Whether another process has opened it, unless it is going on here already. */
  #runNamed(randomId: string, joined: boolean): Run {
    const existing = this.#registry.get(randomId)
    if (existing !== undefined && !existing.ended) return this.#assembler.runOf(existing)
    const observer = this.#registry.create(randomId)
    observer.life.joined = joined
    return this.#assembler.runOf(observer)
  }

  /** The run that a remote parent names, if we may join it. */
  #joinedRun(parentContext: Context): Run | undefined {
    if (this.#joinRuns === false) return undefined
    const randomId = remoteRunId(parentContext)
    if (randomId === undefined) return undefined
    if (typeof this.#joinRuns === 'function' && this.#joinRuns(randomId) !== true) return undefined
    return this.#runNamed(randomId, true)
  }

  #ended(span: OtelSpan): void {
    const place = placeOf(linkOf(span))
    if (place === undefined) return
    const { spanId } = span.spanContext()
    const record = place instanceof Place ? place.record : place
    // Spans without a record of their own share the one above.
    if (record === undefined || record.spanId !== spanId) return
    const error = errorOf(span)
    const matched = handoff.spanName !== undefined
    this.#assembler.end(record, {
      facts: factsOf(span),
      duration: (matched ? handoff.duration : undefined) ?? msOf(span.duration),
      output: matched ? captured(handoff.output) : undefined,
      error,
      cancelled: record.root && span.attributes[RUN_CANCELLED] === true,
      abandoned: span.attributes[ABANDONED] === true,
    })
  }
}

const UNKNOWN: Dialect = { keys: [], recognise: () => undefined, conclude: () => ({}) }

// Names that a method gives its span when nobody named the agent.
const METHOD_NAMES: ReadonlySet<string> = new Set(['run', 'invoke', 'generate', 'stream', 'call'])

/** The run id that a caller in another process has sent. */
function remoteRunId(parentContext: Context): string | undefined {
  if (trace.getSpanContext(parentContext)?.isRemote !== true) return undefined
  const randomId = inboundRunId(parentContext)
  return isRandomId(randomId) ? randomId : undefined
}

/** Whether a caller in another process has opened a run, which we are a part of even if we do not take its id. */
function calledFromRun(parentContext: Context): boolean {
  return remoteRunId(parentContext) !== undefined
}

/** Whether a foreign agent span is the very call that our wrapper has just opened. */
function foldsInto(parent: SpanRecord, is: Recognised): boolean {
  if (!parent.own || parent.folded || parent.is.role !== 'agent' || is.role !== 'agent')
    return false
  const name = parent.is.name ?? ''
  return is.name === name || METHOD_NAMES.has(name)
}

function placeOf(link: unknown): Place | SpanRecord | undefined {
  return link instanceof SpanRecord || link instanceof Place ? link : undefined
}

// One object for all spans: dialects are pure and keep nothing, and this is asked of every span.
const shared = { name: '', scope: '', attributes: {} as Readonly<Record<string, unknown>> }

function factsOf(span: OtelSpan): SpanFacts {
  shared.name = span.name
  shared.scope = scopeOf(span)
  shared.attributes = span.attributes
  return shared
}

function stampRunId(span: OtelSpan, run: Run): void {
  const { randomId } = run.observer
  if (span.attributes[RUN_ID] === randomId) return
  // A run named by its trace id is found by the trace.
  if (randomId !== span.spanContext().traceId) span.setAttribute(RUN_ID, randomId)
}

function capturedInput(span: OtelSpan, is: Recognised): Captured | undefined {
  return handoff.spanName === span.name && handoff.input !== NOTHING
    ? captured(handoff.input)
    : is.input === undefined
      ? undefined
      : captured(is.input)
}

function captured(value: unknown): Captured | undefined {
  if (value === NOTHING || value === undefined) return undefined
  const rules = contentRules().live
  return rules === undefined ? undefined : capture(value, rules.maxContentBytes)
}

function errorOf(span: OtelSpan): ErrorInfo | undefined {
  if (span.status.code !== SpanStatusCode.ERROR) return undefined
  return publishError(toldError(span), contentRules().live)
}

function toldError(span: OtelSpan): ErrorInfo {
  if (handoff.spanName !== undefined && handoff.error !== NOTHING) return errorInfo(handoff.error)
  const exception = span.events.findLast((event) => event.name === 'exception')?.attributes
  const type = exception?.[EXCEPTION_TYPE] ?? span.attributes[ERROR_TYPE]
  const message = exception?.[EXCEPTION_MESSAGE] ?? span.status.message
  return infoOf(type, message, exception?.[EXCEPTION_STACKTRACE])
}

function sayFailed(error: unknown): void {
  const reason = error instanceof Error ? error.message : String(error)
  sayOnce(
    'SPANCAST_PROCESSOR_FAILED',
    `AgentEventProcessor failed on a span: ${reason}. The application and its traces are not affected.`,
  )
}
