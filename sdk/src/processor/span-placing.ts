import { type Context, type Span, trace } from '@opentelemetry/api'
import { handoff, NOTHING } from '../context/handoff.ts'
import { observationOf } from '../context/observation-context.ts'
import { linkOf, type SpanLink, setLink } from '../context/span-link.ts'
import { classify } from '../dialect/classify.ts'
import { scopeTraits } from '../dialect/scope-traits.ts'
import type { Dialect, Recognised } from '../dialect/span-facts.ts'
import type { Captured } from '../event/content.ts'
import type { Run } from '../run/run.ts'
import type { RunAssembler } from '../run/run-assembler.ts'
import { SpanRecord } from '../run/span-record.ts'
import { captured } from './captured.ts'
import { factsOf } from './live-facts.ts'
import { msOf, type OtelSpan, scopeOf } from './otel-span.ts'
import { ParentsById } from './parents-by-id.ts'
import { Pending } from './pending.ts'
import { Place } from './place.ts'
import { callerIn, type RunNaming, stampRunId } from './run-naming.ts'
import { SecondLooks } from './second-looks.ts'
import type { SpanEventTap } from './span-event-tap.ts'

/** Gives each span its place: a record if it is recognised, else what is above it. */
export class SpanPlacing {
  /** Whether nothing starts any more; what has started still ends. */
  closed = false
  readonly #assembler: RunAssembler
  readonly #runs: RunNaming
  readonly #tap: SpanEventTap | undefined
  readonly #onError: (error: unknown) => void
  readonly #parents = new ParentsById()
  readonly #second: SecondLooks

  /**
   * @param tap - Makes events that are added to recognised spans live; `undefined`: they are not.
   * @param onError - Gets what goes wrong when a span is looked at later on.
   */
  constructor(
    assembler: RunAssembler,
    runs: RunNaming,
    tap: SpanEventTap | undefined,
    onError: (error: unknown) => void,
  ) {
    this.#tap = tap
    this.#assembler = assembler
    this.#runs = runs
    this.#onError = onError
    this.#second = new SecondLooks((pending) => {
      try {
        this.#settle(pending)
      } catch (error) {
        onError(error)
      }
    })
  }

  place(span: OtelSpan, parentContext: Context): void {
    const is = classify(factsOf(span))
    if (is === undefined) this.#startUnknown(span, parentContext)
    else this.#startKnown(span, parentContext, is)
    this.#parents.add(span)
  }

  /** The record of a span that has ended; `undefined` if it has none of its own. */
  ended(span: OtelSpan): SpanRecord | undefined {
    this.#parents.remove(span)
    this.#tap?.detach(span)
    const standing = standingOf(linkOf(span))
    if (standing === undefined) return undefined
    // Spans without a record of their own share the one above.
    if (standing instanceof Pending && standing.span !== span) return undefined
    const place = standing instanceof Pending ? this.#settle(standing) : standing
    const { spanId } = span.spanContext()
    const record = place instanceof Place ? place.record : place
    return record !== undefined && record.spanId === spanId ? record : undefined
  }

  #startKnown(span: OtelSpan, parentContext: Context, is: Recognised): void {
    const observation = observationOf(parentContext)
    const above = this.#settled(this.#above(parentContext))
    const run = observation === undefined ? above?.run : this.#runs.of(observation.observer, above)
    const inRun = above !== undefined && above.run === run ? above : undefined
    const { own } = scopeTraits(scopeOf(span))
    const conversation =
      run === undefined && this.#runs.byConversation
        ? this.#conversation(span, parentContext, is, inRun)
        : undefined
    const parent = inRun instanceof Place ? this.#rootRecord(inRun) : inRun
    if (parent !== undefined && !own && foldsInto(parent, is)) {
      parent.folded = true
      setLink(span, parent)
      this.#tap?.attach(span, () => parent)
      return
    }
    const { traceId, spanId } = span.spanContext()
    const caller = parent === undefined ? callerIn(parentContext) : undefined
    const its =
      parent?.run ??
      run ??
      conversation ??
      this.#runs.joined(parentContext) ??
      this.#runs.named(traceId, caller !== undefined)
    stampRunId(span, its)
    const { joined, bySilence } = its.observer.life
    const record = this.#assembler.start(its, parent, {
      traceId,
      spanId,
      is,
      timestamp: msOf(span.startTime),
      input: own ? handedInput(span, is) : captured(is.input),
      own,
      root: is.role === 'run' || (parent === undefined && observation === undefined && !bySilence),
      remoteParentId: joined ? caller : undefined,
      leftOpen: is.leftOpen,
    })
    setLink(span, record)
    this.#tap?.attach(span, () => record)
  }

  /** The run that the span's conversation is, unless it is to join another one. */
  #conversation(
    span: OtelSpan,
    parentContext: Context,
    is: Recognised,
    above: Standing | undefined,
  ): Run | undefined {
    if (above === undefined) {
      const joined = this.#runs.joined(parentContext)
      if (joined !== undefined) return joined
    }
    const run = this.#runs.conversation(factsOf(span), is)
    if (run !== undefined && above instanceof Place) {
      // From now on all that is below that root is a part of it.
      above.run = run
      above.holds = false
    }
    return run
  }

  #startUnknown(span: OtelSpan, parentContext: Context): void {
    const parent = trace.getSpan(parentContext)
    const above = parent && this.#standing(parent)
    const observation = observationOf(parentContext)
    const run = observation === undefined ? above?.run : this.#runs.of(observation.observer, above)
    const inRun = above !== undefined && above.run === run ? above : undefined
    const its =
      run ?? (inRun === undefined && parent ? this.#runs.joined(parentContext) : undefined)
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
    this.#tap?.attach(span, () => this.#recordOf(pending))
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
    const is = this.closed ? undefined : classify(factsOf(span))
    if (is === undefined) return undefined
    this.#startKnown(span, parentContext, is)
    const link = linkOf(span)
    if (!(link instanceof SpanRecord)) return undefined
    pending.settled = link
    return link
  }

  /** The span's own record, if it has said by now what it is. */
  #recordOf(pending: Pending): SpanRecord | undefined {
    const link = pending.settled ?? this.#lookAgain(pending)
    const isOwn = link instanceof SpanRecord && link !== pending.place
    return isOwn ? link : undefined
  }

  /** A signal goes to the span if it has said by now what it is; else to what is above it. */
  readonly #lookAgain = (pending: Pending): SpanLink => {
    try {
      return this.#look(pending) ?? pending.place
    } catch (error) {
      this.#onError(error)
      return pending.place
    }
  }

  /** The record of a root that nobody recognised: made when a run begins below it. */
  #rootRecord(place: Place): SpanRecord | undefined {
    if (place.record !== undefined || !place.holds) return place.record
    const { root } = place
    // What runs on after its root stands for itself: a root that has ended already would hold its run for ever.
    if (!root.isRecording()) return undefined
    const { traceId, spanId } = root.spanContext()
    const run = place.run ?? this.#runs.named(traceId, place.caller !== undefined)
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
}

const UNKNOWN: Dialect = { keys: [], recognise: () => undefined, conclude: () => ({}) }

// Names that a method gives its span when nobody named the agent.
const METHOD_NAMES: ReadonlySet<string> = new Set(['run', 'invoke', 'generate', 'stream', 'call'])

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

function handedInput(span: OtelSpan, is: Recognised): Captured | undefined {
  const isHanded = handoff.spanName === span.name && handoff.input !== NOTHING
  return captured(isHanded ? handoff.input : is.input)
}
