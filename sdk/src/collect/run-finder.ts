import { activeRegistry } from '../context/active-registry.ts'
import type { AgentObserver } from '../observer/agent-observer.ts'
import { NO_TRACE_ID } from '../observer/event-input.ts'
import type { ObserverRegistry } from '../observer/observer-registry.ts'
import type { RunAssembler } from '../run/run-assembler.ts'
import { CollectedRun } from './collected-run.ts'
import type { LinkEvent, LinkRecord } from './collected-span.ts'
import { followLocal } from './follow-local.ts'
import { TraceRuns } from './trace-runs.ts'
import type { TraceStructure } from './trace-structure.ts'

/** What is asked of a span to find its run. */
export interface Belonging {
  readonly traceId: string
  readonly parentSpanId: string | undefined
  readonly startMs: number
  /** The run that it names itself. */
  readonly named: string | undefined
  /** The run that the conversation of its trace is, where runs are conversations. */
  readonly conversation: string | undefined
  /** Whether it has events; what has none opens no run. */
  readonly opens: boolean
  /** Whether it is the span that opened its run. */
  readonly isRunSpan: boolean
}

/** `late`: of a run that is gone. `undefined`: of none. */
export type Whose = CollectedRun | 'late' | undefined

/**
 * Finds the run that a span or a record belongs to: the one that it names, else the one of its nearest ancestor, else
 * the one of its trace, else the one that its conversation is, else one that is named by its trace id.
 */
export class RunFinder {
  readonly #registry: ObserverRegistry
  readonly #assembler: RunAssembler
  readonly #structure: TraceStructure
  readonly #traces = new TraceRuns()
  readonly #runs = new WeakMap<AgentObserver, CollectedRun>()

  constructor(registry: ObserverRegistry, assembler: RunAssembler, structure: TraceStructure) {
    this.#registry = registry
    this.#assembler = assembler
    this.#structure = structure
  }

  /** Runs that have spans of this trace. */
  inTrace(traceId: string): readonly CollectedRun[] {
    return this.#traces.runs(traceId)
  }

  /** Whether there may be runs that have spans of the trace of this id: four numbers from `at` on. */
  mayKnow(ids: Uint32Array, at: number): boolean {
    return this.#traces.mayKnow(ids, at)
  }

  /** Whether nothing is known of the trace, so that what comes of it can only begin a run of its own. */
  isNew(traceId: string): boolean {
    const registry = this.#registry
    if (this.#traces.knows(traceId) || this.#traces.wanted(traceId) !== undefined) return false
    if (registry.get(traceId) !== undefined || registry.wasDisposed(traceId)) return false
    // What this process records itself may go on with any trace.
    return activeRegistry() !== registry
  }

  /** Spans of this trace wait to be read. */
  expect(traceId: string): void {
    this.#traces.expect(traceId)
  }

  ofSpan(span: Belonging): Whose {
    const { traceId, named, conversation } = span
    if (named !== undefined && named !== traceId) return this.#named(named, span)
    if (this.#traces.knows(traceId)) {
      // What has come of the trace so far named no conversation, which begins with it then.
      const begins = conversation !== undefined && this.#registry.get(conversation) === undefined
      if (begins && this.#unnamedIn(traceId) !== undefined) return this.#named(conversation, span)
      return this.#nearest(span) ?? 'late'
    }
    const wanted = this.#traces.wanted(traceId)
    if (wanted !== undefined) return this.#named(wanted, span)
    const known = this.#registry.get(traceId) ?? this.#localIn(traceId)
    // What was put away unread has no events before a span of it opens the run.
    const begins = known?.life.elsewhere === true && known.lastSeq === 0
    if (!span.opens && (known === undefined || begins)) return undefined
    if (known !== undefined) return this.#bound(traceId, this.#collected(known))
    if (conversation !== undefined) return this.#named(conversation, span)
    if (this.#registry.wasDisposed(traceId)) return 'late'
    return this.#bound(traceId, this.#open(traceId))
  }

  ofRecord({ randomId, sourceId, event }: LinkRecord): Whose {
    const known = this.#registry.get(randomId)
    if (known !== undefined && !known.life.elsewhere && isOwn(sourceId, known)) return undefined
    if (event === undefined) return known && this.#collected(known)
    const run = known === undefined ? this.#unknown(randomId, event) : this.#known(known, event)
    return run === undefined ? 'late' : this.#bound(event.traceId, run)
  }

  #known(known: AgentObserver, event: LinkEvent): CollectedRun {
    const run = this.#collected(known)
    const { type, traceId, spanId } = event
    const begins = type === 'run.start' && known.ended && !run.signals.has(traceId, spanId, 'run')
    return begins ? this.#open(known.randomId, run) : run
  }

  /** A record of a run whose id is not known: maybe its trace is. */
  #unknown(randomId: string, { type, traceId }: LinkEvent): CollectedRun | undefined {
    const isPart = randomId === traceId && type !== 'run.start'
    const there = isPart
      ? (this.#traces.runs(traceId)[0] ?? this.#localRun(traceId))
      : this.#unnamedIn(traceId)
    if (there !== undefined) {
      this.#registry.alias(randomId, there.observer)
      return there
    }
    if (this.#registry.wasDisposed(randomId) && type !== 'run.start') return undefined
    return this.#open(randomId)
  }

  #named(randomId: string, span: Belonging): Whose {
    const { traceId, isRunSpan } = span
    const isConversation = randomId === span.conversation
    const known = this.#registry.get(randomId)
    if (known !== undefined) {
      const run = this.#collected(known)
      if (this.#traces.has(traceId, run)) return run
      // The trace is of a run that had this id before.
      if (this.#traces.knows(traceId, randomId)) return 'late'
      const isNew = known.ended && beginsAnew(span, known, isConversation)
      return this.#bound(traceId, isNew ? this.#begin(randomId, isConversation, run) : run)
    }
    if (this.#traces.knows(traceId, randomId)) return 'late'
    const unnamed = this.#unnamedIn(traceId)
    if (unnamed !== undefined) {
      this.#registry.alias(randomId, unnamed.observer)
      if (isConversation) unnamed.becomeConversation()
      return unnamed
    }
    if (!span.opens) {
      this.#traces.want(traceId, randomId)
      return undefined
    }
    if (this.#registry.wasDisposed(randomId) && !isRunSpan && !isConversation) return 'late'
    return this.#bound(traceId, this.#begin(randomId, isConversation))
  }

  #begin(randomId: string, isConversation: boolean, former?: CollectedRun): CollectedRun {
    const run = this.#open(randomId, former)
    if (isConversation) run.becomeConversation()
    return run
  }

  /** The trace's own run, which goes by the trace id until it gets its name. */
  #unnamedIn(traceId: string): CollectedRun | undefined {
    return this.#traces
      .runs(traceId)
      .find((run) => run.observer.randomId === traceId && !run.observer.ended && !run.isOwned)
  }

  #nearest({ traceId, parentSpanId }: Belonging): CollectedRun | undefined {
    const runs = this.#traces.runs(traceId)
    if (runs.length < 2) return runs[0]
    const { found } = this.#structure.climb(traceId, parentSpanId, (spanId) =>
      runs.find((run) => run.record(traceId, spanId) !== undefined),
    )
    return found ?? runs[0]
  }

  #localRun(traceId: string): CollectedRun | undefined {
    const local = this.#localIn(traceId)
    return local && this.#collected(local)
  }

  /** A run that this process records itself, and whose trace goes on elsewhere. */
  #localIn(traceId: string): AgentObserver | undefined {
    // Where nothing is observed there is nothing to look for, among what may be thousands.
    if (activeRegistry() !== this.#registry) return undefined
    return this.#registry
      .list()
      .find(({ life }) => life.running && !life.elsewhere && life.traceIds.includes(traceId))
  }

  #bound(traceId: string, run: CollectedRun): CollectedRun {
    if (traceId !== NO_TRACE_ID) this.#traces.bind(traceId, run)
    return run
  }

  #open(randomId: string, former?: CollectedRun): CollectedRun {
    const observer = this.#registry.create(randomId)
    observer.life.elsewhere = true
    return this.#collected(observer, former)
  }

  #collected(observer: AgentObserver, former?: CollectedRun): CollectedRun {
    // What it is made of may have to be told first, and asks for it too.
    observer.read()
    let run = this.#runs.get(observer)
    if (run === undefined) {
      run = new CollectedRun(
        this.#assembler.runOf(observer),
        this.#registry.limits,
        former?.signals,
      )
      this.#runs.set(observer, run)
      if (run.local) followLocal(run)
    }
    return run
  }
}

/** Whether the source is the link of this very process: what it sends is where it comes from. */
function isOwn(sourceId: string, { epoch }: AgentObserver): boolean {
  return sourceId.endsWith(`.${epoch}`)
}

/** Whether a span is of a new run, though it names one that is over. */
function beginsAnew(
  { traceId, isRunSpan, startMs }: Belonging,
  { life }: AgentObserver,
  isConversation: boolean,
): boolean {
  if (life.traceIds.includes(traceId)) return false
  // A conversation may fall silent before a trace of it has come that began earlier.
  if (isRunSpan || isConversation) return true
  return life.endedAt !== undefined && startMs > life.endedAt
}
