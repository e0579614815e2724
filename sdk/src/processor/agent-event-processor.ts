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
import { linkOf, type SpanLink, setLink } from '../context/span-link.ts'
import { classify } from '../dialect/classify.ts'
import { scopeTraits } from '../dialect/scope-traits.ts'
import type { Dialect, Recognised } from '../dialect/span-facts.ts'
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
import { factsOf } from './live-facts.ts'
import { msOf, type OtelSpan, scopeOf } from './otel-span.ts'
import { ParentsById } from './parents-by-id.ts'
import { Pending } from './pending.ts'
import { Place } from './place.ts'
import { SecondLooks } from './second-looks.ts'

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
  readonly #parents = new ParentsById()
  readonly #second: SecondLooks
  #down = false

  constructor(options: AgentEventProcessorOptions = {}) {
    this.#registry = options.registry ?? ObserverRegistry.getInstance()
    this.#joinRuns = options.joinRuns ?? false
    this.#assembler = new RunAssembler({
      liveRules: () => contentRules().live,
      prices: options.prices,
    })
    this.#second = new SecondLooks((pending) => {
      try {
        this.#settle(pending)
      } catch (error) {
        sayFailed(error)
      }
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
    const is = classify(factsOf(span, parentContext))
    if (is === undefined) this.#startUnknown(span, parentContext)
    else this.#startKnown(span, parentContext, is)
    this.#parents.add(span)
  }

  #startKnown(span: OtelSpan, parentContext: Context, is: Recognised): void {
    const observation = observationOf(parentContext)
    const above = this.#settled(this.#above(parentContext))
    const run = observation === undefined ? above?.run : this.#runFor(observation.observer, above)
    const inRun = above !== undefined && above.run === run ? above : undefined
    const { own } = scopeTraits(scopeOf(span))
    const parent = inRun instanceof Place ? this.#rootRecord(inRun) : inRun
    if (parent !== undefined && !own && foldsInto(parent, is)) {
      parent.folded = true
      setLink(span, parent)
      return
    }
    const { traceId, spanId } = span.spanContext()
    const caller = parent === undefined ? callerIn(parentContext) : undefined
    const its =
      parent?.run ??
      run ??
      this.#joinedRun(parentContext) ??
      this.#runNamed(traceId, caller !== undefined)
    stampRunId(span, its)
    const record = this.#assembler.start(its, parent, {
      traceId,
      spanId,
      is,
      timestamp: msOf(span.startTime),
      input: own ? handedInput(span, is) : captured(is.input),
      own,
      root: is.role === 'run' || (parent === undefined && observation === undefined),
      remoteParentId: its.observer.life.joined ? caller : undefined,
      leftOpen: is.leftOpen,
    })
    setLink(span, record)
  }

  #startUnknown(span: OtelSpan, parentContext: Context): void {
    const parent = trace.getSpan(parentContext)
    const above = parent && this.#standing(parent)
    const observation = observationOf(parentContext)
    const run = observation === undefined ? above?.run : this.#runFor(observation.observer, above)
    const inRun = above !== undefined && above.run === run ? above : undefined
    const its = run ?? (inRun === undefined && parent ? this.#joinedRun(parentContext) : undefined)
    const caller = inRun === undefined && parent ? callerIn(parentContext) : undefined
    const place = inRun ?? new Place(span, its, run === undefined, caller)
    const { tellsLater, agentic } = scopeTraits(scopeOf(span))
    // Libraries that tell later tell nothing at first, but for a few that are known.
    const isOpen = tellsLater && (agentic || isEmpty(span.attributes))
    if (its !== undefined) stampRunId(span, its)
    if (!isOpen) {
      setLink(span, place)
      return
    }
    const pending = new Pending(span, parentContext, place, this.#lookAgain)
    setLink(span, pending)
    this.#second.add(pending)
  }

  /** What is above a span, as far as it is known. */
  #above(parentContext: Context): Standing | undefined {
    const parent = trace.getSpan(parentContext)
    return parent && this.#standing(parent)
  }

  #standing(span: Span): Standing | undefined {
    return standingOf(linkOf(span) ?? linkOf(this.#parents.find(span)))
  }

  #settled(above: Standing | undefined): Place | SpanRecord | undefined {
    return above instanceof Pending ? this.#settle(above) : above
  }

  /** Its last chance to be recognised. */
  #settle(pending: Pending): Place | SpanRecord {
    const settled = pending.settled ?? this.#look(pending)
    if (settled !== undefined) return settled
    const { span, place } = pending
    pending.settled = place instanceof Pending ? this.#settle(place) : place
    setLink(span, pending.settled)
    return pending.settled
  }

  /** Looks at the span again. If it is recognised now, it starts now. */
  #look(pending: Pending): SpanRecord | undefined {
    const { span, parentContext } = pending
    const is = this.#down ? undefined : classify(factsOf(span, parentContext))
    if (is === undefined) return undefined
    this.#startKnown(span, parentContext, is)
    const link = linkOf(span)
    if (!(link instanceof SpanRecord)) return undefined
    pending.settled = link
    return link
  }

  /** A signal goes to the span if it has said by now what it is; else to what is above it. */
  readonly #lookAgain = (pending: Pending): SpanLink => {
    try {
      return this.#look(pending) ?? pending.place
    } catch (error) {
      sayFailed(error)
      return pending.place
    }
  }

  /** The run of an observer that a context carries; mostly it is the one above. */
  #runFor(observer: Run['observer'], above: Standing | undefined): Run {
    return above?.run?.observer === observer ? above.run : this.#assembler.runOf(observer)
  }

  /** The record of a root that nobody recognised: made when a run begins below it. */
  #rootRecord(place: Place): SpanRecord | undefined {
    if (place.record !== undefined || !place.holds) return place.record
    const { root } = place
    // What runs on after its root stands for itself: a root that has ended already would hold its run for ever.
    if (!root.isRecording()) return undefined
    const { traceId, spanId } = root.spanContext()
    const run = place.run ?? this.#runNamed(traceId, place.caller !== undefined)
    place.run = run
    place.record = this.#assembler.start(run, undefined, {
      traceId,
      spanId,
      is: { dialect: UNKNOWN, role: 'run', name: root.name },
      timestamp: msOf(root.startTime),
      input: undefined,
      own: false,
      root: true,
      remoteParentId: run.observer.life.joined ? place.caller : undefined,
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
    this.#parents.remove(span)
    const standing = standingOf(linkOf(span))
    if (standing === undefined) return
    // Spans without a record of their own share the one above.
    if (standing instanceof Pending && standing.span !== span) return
    const place = standing instanceof Pending ? this.#settle(standing) : standing
    const { spanId } = span.spanContext()
    const record = place instanceof Place ? place.record : place
    if (record === undefined || record.spanId !== spanId) return
    const error = errorOf(span)
    const matched = handoff.spanName !== undefined
    this.#assembler.end(record, {
      facts: factsOf(span, undefined),
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

/** The span that has called us from a run in another process, which we are a part of even if we do not take its id. */
function callerIn(parentContext: Context): string | undefined {
  return remoteRunId(parentContext) && trace.getSpanContext(parentContext)?.spanId
}

/** Whether a foreign agent span is the very call that our wrapper has just opened. */
function foldsInto(parent: SpanRecord, is: Recognised): boolean {
  if (!parent.own || parent.folded || parent.is.role !== 'agent' || is.role !== 'agent')
    return false
  const name = parent.is.name ?? ''
  return is.name === name || METHOD_NAMES.has(name)
}

type Standing = Place | SpanRecord | Pending

function standingOf(link: unknown): Standing | undefined {
  return link instanceof SpanRecord || link instanceof Place || link instanceof Pending
    ? link
    : undefined
}

function isEmpty(attributes: Readonly<Record<string, unknown>>): boolean {
  for (const _ in attributes) return false
  return true
}

function stampRunId(span: OtelSpan, run: Run): void {
  const { randomId } = run.observer
  if (span.attributes[RUN_ID] === randomId) return
  // A run named by its trace id is found by the trace.
  if (randomId !== span.spanContext().traceId) span.setAttribute(RUN_ID, randomId)
}

function handedInput(span: OtelSpan, is: Recognised): Captured | undefined {
  const isHanded = handoff.spanName === span.name && handoff.input !== NOTHING
  return captured(isHanded ? handoff.input : is.input)
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
