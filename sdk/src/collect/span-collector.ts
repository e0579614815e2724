import { LOGFIRE_SPAN_TYPE, RUN_ID } from '../attributes.ts'
import { classify } from '../dialect/classify.ts'
import type { Recognised } from '../dialect/span-facts.ts'
import type { ObserverRegistry } from '../observer/observer-registry.ts'
import { isRandomId } from '../observer/random-id.ts'
import type { RunBy } from '../run/conversation.ts'
import type { RunAssembler } from '../run/run-assembler.ts'
import type { CollectedRun } from './collected-run.ts'
import type { CollectedEvent, CollectedSpan, LinkRecord, SpanPlace } from './collected-span.ts'
import { idOfWords } from './id-words.ts'
import { LinkFolder } from './link-folder.ts'
import { type OtherSpans, SPAN_WORDS, TRACE_WORDS } from './other-spans.ts'
import { replay } from './replay.ts'
import { RootLog } from './root-log.ts'
import { RunFinder, type Whose } from './run-finder.ts'
import { RunTree } from './run-tree.ts'
import type { SpanBundle } from './span-bundle.ts'
import { type Folded, pendingParent, SpanFolder } from './span-folder.ts'
import { conversationsOf } from './trace-conversations.ts'
import { TraceStructure } from './trace-structure.ts'
import { UnreadRuns } from './unread-runs.ts'
import { WholeRoots } from './whole-roots.ts'

export interface SpanCollectorOptions {
  readonly registry: ObserverRegistry
  readonly assembler: RunAssembler
  /** What a run is that nobody has named. Default `'trace'`. */
  readonly runBy?: RunBy | undefined
}

/** What has come, and what became of it: starts and ends of spans, and events of links. */
export interface CollectorCounts {
  /** Those that spans told first. */
  spans: number
  /** Those that came over live links. */
  linked: number
  /** Those that had come before. */
  repeated: number
  /** Those of runs that are over or gone. */
  late: number
  /** Those of runs that were let go without anybody having looked at them. */
  unread: number
}

/**
 * Folds what other processes send into runs: spans that have ended, in any order, and the events of live links.
 * Each signal counts once, whichever way it comes.
 */
export class SpanCollector {
  readonly #counts: CollectorCounts = { spans: 0, linked: 0, repeated: 0, late: 0, unread: 0 }
  readonly #structure = new TraceStructure()
  readonly #ended = new RootLog()
  readonly #finder: RunFinder
  readonly #tree: RunTree
  readonly #spans: SpanFolder
  readonly #links: LinkFolder
  readonly #unread: UnreadRuns
  readonly #registry: ObserverRegistry
  readonly #assembler: RunAssembler
  readonly #byConversation: boolean
  /** Those of the traces that are being taken. */
  #conversations: ReadonlyMap<string, string> | undefined

  constructor({ registry, assembler, runBy = 'trace' }: SpanCollectorOptions) {
    this.#registry = registry
    this.#assembler = assembler
    this.#byConversation = runBy === 'conversation'
    this.#unread = new UnreadRuns(registry, {
      fold: (bundle) => bundle.open((spans, others) => this.#fold(spans, others)),
      runOf: ({ traceId, observer }) =>
        this.#finder.inTrace(traceId).find((run) => run.observer === observer),
    })
    this.#finder = new RunFinder(registry, assembler, this.#structure)
    this.#tree = new RunTree(this.#structure)
    this.#spans = new SpanFolder(this.#tree, assembler)
    this.#links = new LinkFolder(this.#tree)
  }

  /** What has come, and what became of it. */
  get counts(): CollectorCounts {
    this.#counts.unread = 2 * this.#unread.dropped
    return this.#counts
  }

  /** Takes the spans of one request: those that may concern agents, and the others. */
  collect(spans: readonly CollectedSpan[], others: OtherSpans): void {
    this.#readFirst(spans, others)
    this.#fold(spans, others)
  }

  /**
   * Whether spans of a trace may be taken as they came, so that they are told apart only if somebody looks at their
   * run. Not while somebody follows all runs, nor if they may be of any other run than one that goes by their trace.
   *
   * @param size - How many of them may concern agents. Where none does, they only join others that wait.
   * @param bytes - What they take in memory.
   */
  mayPostpone(traceId: string, size: number, bytes: number): boolean {
    if (this.#byConversation || this.#registry.followed || !this.#assembler.showsContent)
      return false
    const unread = this.#unread.get(traceId)
    if (unread === undefined) return size > 0 && this.#finder.isNew(traceId)
    return !unread.observer.ended && unread.hasRoom(size, bytes, this.#registry.limits.maxRunBytes)
  }

  /** Whether there may be spans of a trace that wait to be told apart. @param ids - Of the trace, as four numbers. */
  mayWait(ids: Uint32Array): boolean {
    return this.#unread.size > 0 && this.#finder.mayKnow(ids, 0)
  }

  /** Takes spans as they came, where `mayPostpone` says so. */
  postpone(bundle: SpanBundle): void {
    const { traceId } = bundle
    if (this.#unread.get(traceId) === undefined) this.#finder.expect(traceId)
    this.#unread.add(bundle, this.#ended.has(traceId))
  }

  /** What was postponed comes before what comes now. */
  #readFirst(spans: readonly CollectedSpan[], { ids, size }: OtherSpans): void {
    if (this.#unread.size === 0) return
    for (const { traceId } of spans) this.#unread.read(traceId)
    for (let at = 0; at < size * SPAN_WORDS; at += SPAN_WORDS) {
      if (at > 0 && isSameTrace(ids, at)) continue
      if (this.#finder.mayKnow(ids, at)) this.#unread.read(idOfWords(ids, at, TRACE_WORDS))
    }
  }

  #fold(spans: readonly CollectedSpan[], others: OtherSpans): void {
    this.#structure.addAll(others)
    this.#passedAll(others)
    if (spans.length > 0) this.#replay(spans, new WholeRoots(others))
    for (const root of others.roots) this.#rootEnded(others, root)
  }

  /** Takes one record of a live link. */
  link(record: LinkRecord): void {
    if (record.event !== undefined) this.#unread.read(record.event.traceId)
    const run = this.#finder.ofRecord(record)
    if (run === 'late') this.#counts.late++
    if (run === undefined || run === 'late') return
    const folded = this.#links.fold(run, record)
    if (folded !== 'new') this.#counts[folded]++
    else if (record.event !== undefined) this.#counts.linked++
  }

  #replay(spans: readonly CollectedSpan[], roots: WholeRoots): void {
    this.#conversations = this.#byConversation ? conversationsOf(spans) : undefined
    replay<Recognised | undefined>(spans, {
      started: (span) => this.#spanStarted(span, roots),
      told: (span, event, is) => this.#eventTold(span, event, is),
      ended: (span, is) => this.#spanEnded(span, is),
    })
  }

  #spanStarted(span: CollectedSpan, roots: WholeRoots): Recognised | undefined {
    const is = classify(span.facts)
    const run = this.#runOf(span, is)
    if (is === undefined) {
      const pending = isPending(span)
      if (!pending && span.parentSpanId === undefined) roots.add(span)
      this.#passed(pending ? pendingPlace(span) : span)
    } else if (run === 'late') this.#counts.late++
    else if (run !== undefined) {
      const folded = isPending(span)
        ? this.#spans.pending(run, span, is)
        : this.#spans.started(run, span, is, roots)
      this.#count(folded)
      const ended = this.#ended.take(span.traceId)
      if (ended !== undefined) this.#spans.rootEnded(run, ended)
    }
    return is
  }

  #eventTold(span: CollectedSpan, event: CollectedEvent, is: Recognised | undefined): void {
    if (is === undefined || isPending(span)) return
    const run = this.#runOf(span, is)
    if (run === undefined || run === 'late') return
    this.#count(this.#spans.told(run, span, event))
  }

  #spanEnded(span: CollectedSpan, is: Recognised | undefined): void {
    if (isPending(span)) return
    const run = this.#runOf(span, is)
    if (run === 'late' && is !== undefined) this.#counts.late++
    // It might have opened one, and did not.
    if (run === undefined && span.local) this.#ended.addSpan(span)
    if (run === undefined || run === 'late') return
    if (is === undefined) this.#spans.partEnded(run, span)
    else this.#count(this.#spans.ended(run, span, is))
    if (span.local && is?.role !== 'run') {
      const name = is === undefined ? span.facts.name : is.name
      this.#spans.rootEnded(run, span, () => ({ name, error: span.error }))
    }
  }

  #passedAll({ ids, size }: OtherSpans): void {
    let traceId = ''
    let runs = NONE
    for (let at = 0; at < size * SPAN_WORDS; at += SPAN_WORDS) {
      // Spans of one trace come together.
      if (at === 0 || !isSameTrace(ids, at)) {
        const known = this.#finder.mayKnow(ids, at)
        traceId = known ? idOfWords(ids, at, TRACE_WORDS) : ''
        runs = known ? this.#finder.inTrace(traceId) : NONE
      }
      for (const run of runs) {
        if (run.waiting.isEmpty) continue
        this.#tree.passed(run, { traceId, spanId: idOfWords(ids, at + TRACE_WORDS, 2) })
      }
    }
  }

  /** A span without events: only what hangs below it may matter. */
  #passed(place: Omit<SpanPlace, 'local' | 'startMs' | 'endMs'>): void {
    this.#structure.add(place)
    for (const run of this.#finder.inTrace(place.traceId)) this.#tree.passed(run, place)
  }

  #rootEnded(others: OtherSpans, index: number): void {
    const { ids } = others
    const at = index * SPAN_WORDS
    if (this.#finder.mayKnow(ids, at)) {
      const root = others.span(index)
      const runs = this.#finder.inTrace(root.traceId)
      for (const run of runs) this.#spans.rootEnded(run, root)
      if (runs.length > 0) return
    }
    this.#ended.add(ids, at, others.startMs(index), others.endMs(index))
  }

  #runOf(span: CollectedSpan, is: Recognised | undefined): Whose {
    const { traceId, parentSpanId, startMs, facts } = span
    const name = facts.attributes[RUN_ID]
    const named = isRandomId(name) ? name : undefined
    const conversation = this.#conversations?.get(traceId)
    const opens = is !== undefined
    const isRunSpan = is?.role === 'run'
    return this.#finder.ofSpan({
      traceId,
      parentSpanId,
      startMs,
      named,
      conversation,
      opens,
      isRunSpan,
    })
  }

  #count(folded: Folded): void {
    this.#counts[folded === 'new' ? 'spans' : folded]++
  }
}

const NONE: readonly CollectedRun[] = []

/** Whether the span at `at` is of the same trace as the one before it. */
function isSameTrace(ids: Uint32Array, at: number): boolean {
  for (let i = at; i < at + TRACE_WORDS; i++) {
    if (ids[i] !== ids[i - SPAN_WORDS]) return false
  }
  return true
}

/** Whether it is one of Logfire's copies of spans that have only started. */
function isPending({ facts, parentSpanId }: CollectedSpan): boolean {
  return facts.attributes[LOGFIRE_SPAN_TYPE] === 'pending_span' && parentSpanId !== undefined
}

function pendingPlace(copy: CollectedSpan): Omit<SpanPlace, 'local' | 'startMs' | 'endMs'> {
  const { traceId, parentSpanId, spanId } = copy
  return { traceId, spanId: parentSpanId ?? spanId, parentSpanId: pendingParent(copy) }
}
