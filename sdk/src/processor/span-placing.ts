import { type Context, trace } from '@opentelemetry/api'
import { handoff, NOTHING } from '../context/handoff.ts'
import { observationOf } from '../context/observation-context.ts'
import { setLink } from '../context/span-link.ts'
import { classify, keysIn } from '../dialect/classify.ts'
import { scopeTraits } from '../dialect/scope-traits.ts'
import type { Dialect, Recognised } from '../dialect/span-facts.ts'
import type { Captured } from '../event/content.ts'
import type { Run } from '../run/run.ts'
import type { RunAssembler } from '../run/run-assembler.ts'
import type { SpanRecord } from '../run/span-record.ts'
import { isStanding, type Standing } from '../run/standing.ts'
import { captured } from './captured.ts'
import { factsOf } from './live-facts.ts'
import { msOf, type OtelSpan, scopeOf } from './otel-span.ts'
import { Place } from './place.ts'
import { callerIn, type RunNaming, stampRunId } from './run-naming.ts'
import type { SpanEventTap } from './span-event-tap.ts'
import { UnknownSpans } from './unknown-spans.ts'

/** Gives each span its place: a record if it is recognised, else what is above it. */
export class SpanPlacing {
  /** Whether nothing starts any more; what has started still ends. */
  closed = false
  readonly #assembler: RunAssembler
  readonly #runs: RunNaming
  readonly #tap: SpanEventTap | undefined
  readonly #unknown: UnknownSpans

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
    this.#unknown = new UnknownSpans(runs, this.#startIfKnown, onError)
  }

  place(span: OtelSpan, parentContext: Context): void {
    const traits = scopeTraits(scopeOf(span))
    const keys = traits.own ? 'agent' : keysIn(span.attributes, traits.passedKeys)
    const mayBeKnown = keys === 'agent' || traits.tellsByName
    if (!mayBeKnown || !this.#startIfKnown(span, parentContext)) {
      const waits = this.#unknown.place(span, parentContext, traits, keys === 'none')
      if (waits) this.#tapLater(span)
    }
    if (traits.parentsById) this.#unknown.findable(span)
  }

  /** The record of a span that has ended; `undefined` if it has none of its own. */
  ended(span: OtelSpan): SpanRecord | undefined {
    this.#tap?.detach(span)
    return own(span, this.#unknown.ended(span))
  }

  // On its own: a function that makes a closure costs more, even where it makes none.
  #tapLater(span: OtelSpan): void {
    this.#tap?.attach(span, () => {
      const link = this.#unknown.settledLinkOf(span)
      return own(span, isStanding(link) ? link.record : undefined)
    })
  }

  /** Starts the span if it is recognised by now. */
  readonly #startIfKnown = (span: OtelSpan, parentContext: Context): boolean => {
    if (this.closed) return false
    const is = classify(factsOf(span))
    if (is !== undefined) this.#startKnown(span, parentContext, is)
    return is !== undefined
  }

  #startKnown(span: OtelSpan, parentContext: Context, is: Recognised): void {
    const observation = observationOf(parentContext)
    const active = trace.getSpan(parentContext)
    const above = active && this.#unknown.standing(active)
    const run = observation === undefined ? above?.run : this.#runs.of(observation.observer, above)
    const inRun = above !== undefined && above.run === run ? above : undefined
    const { own } = scopeTraits(scopeOf(span))
    const conversation =
      run === undefined && this.#runs.byConversation
        ? this.#conversation(span, parentContext, is, inRun)
        : undefined
    const parent = inRun instanceof Place ? this.#rootRecord(inRun) : inRun?.record
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
      is: unknownRoot(root),
      timestamp: msOf(root.startTime),
      input: undefined,
      own: false,
      root: true,
      remoteParentId: run.observer.life.joined ? place.caller : undefined,
    })
    return place.record
  }
}

const UNKNOWN: Dialect = { keys: [], recognise: unknownRoot, conclude: () => ({}) }

/** A root that no dialect knows is a run of its name. */
function unknownRoot({ name }: { readonly name: string }): Recognised {
  return { dialect: UNKNOWN, role: 'run', name }
}

// Names that a method gives its span when nobody named the agent.
const METHOD_NAMES: ReadonlySet<string> = new Set(['run', 'invoke', 'generate', 'stream', 'call'])

/** Whether a foreign agent span is the very call that our wrapper has just opened. */
function foldsInto(parent: SpanRecord, is: Recognised): boolean {
  if (!parent.own || parent.folded || parent.is.role !== 'agent' || is.role !== 'agent')
    return false
  const name = parent.is.name ?? ''
  return is.name === name || METHOD_NAMES.has(name)
}

/** Spans without a record of their own share the one above. */
function own(span: OtelSpan, record: SpanRecord | undefined): SpanRecord | undefined {
  return record !== undefined && record.spanId === span.spanContext().spanId ? record : undefined
}

function handedInput(span: OtelSpan, is: Recognised): Captured | undefined {
  const isHanded = handoff.spanName === span.name && handoff.input !== NOTHING
  return captured(isHanded ? handoff.input : is.input)
}
