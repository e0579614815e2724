import { LOGFIRE_PENDING_PARENT, LOGFIRE_SPAN_TYPE, RUN_ID } from '../attributes.ts'
import { classify } from '../dialect/classify.ts'
import type { Recognised } from '../dialect/span-facts.ts'
import { capture, DEFAULT_MAX_CONTENT_BYTES } from '../event/content.ts'
import type { AgentObserver } from '../observer/agent-observer.ts'
import type { ObserverRegistry } from '../observer/observer-registry.ts'
import { isRandomId } from '../observer/random-id.ts'
import type { RunOutcome } from '../observer/run-life.ts'
import type { RunAssembler } from '../run/run-assembler.ts'
import type { SpanRecord } from '../run/span-record.ts'
import { BoundedMap } from './bounded-map.ts'
import { CollectedRun } from './collected-run.ts'
import type { CollectedSpan, LinkRecord, SpanPlace } from './collected-span.ts'
import { LinkFolder } from './link-folder.ts'
import { replay } from './replay.ts'
import { TraceStructure } from './trace-structure.ts'

// Spans that came before an ancestor of theirs, and wait for it.
const MAX_WAITING = 50_000

export interface SpanCollectorOptions {
  readonly registry: ObserverRegistry
  readonly assembler: RunAssembler
}

/** What has come, and what became of it. */
export interface CollectorCounts {
  /** Spans that became events. */
  spans: number
  /** Events that came over live links. */
  linked: number
  /** Signals that had come before. */
  repeated: number
  /** Spans and events of runs that are gone. */
  late: number
}

/**
 * Folds what other processes send into runs: spans that have ended, in any order, and the events of live links.
 * Each signal counts once, whichever way it comes.
 */
export class SpanCollector {
  readonly counts: CollectorCounts = { spans: 0, linked: 0, repeated: 0, late: 0 }
  readonly #registry: ObserverRegistry
  readonly #assembler: RunAssembler
  readonly #structure = new TraceStructure()
  readonly #waiting = new BoundedMap<string, SpanRecord[]>(MAX_WAITING)
  readonly #byTrace = new BoundedMap<string, CollectedRun>(MAX_WAITING)
  readonly #runs = new WeakMap<AgentObserver, CollectedRun>()
  readonly #links: LinkFolder

  constructor({ registry, assembler }: SpanCollectorOptions) {
    this.#registry = registry
    this.#assembler = assembler
    this.#links = new LinkFolder({
      parentOf: (run, traceId, parentSpanId) => this.#parentOf(run, traceId, parentSpanId),
      arrived: (record) => this.#arrived(record.traceId, record.spanId, record),
      waitFor: (record, missing) => this.#waitFor(record, missing),
    })
  }

  /** Takes the spans of one request. */
  collect(spans: readonly CollectedSpan[], places: readonly SpanPlace[]): void {
    for (const place of places) this.#place(place)
    replay(spans, {
      started: (span) => this.#started(span),
      ended: (span) => this.#ended(span),
    })
  }

  /** Takes one record of a live link. */
  link(record: LinkRecord): void {
    const collected = this.#linkedRun(record)
    if (collected === undefined) {
      this.counts.late++
      return
    }
    const traceId = record.event?.traceId
    if (traceId !== undefined && this.#byTrace.get(traceId) === undefined) {
      this.#byTrace.set(traceId, collected)
    }
    if (this.#links.fold(collected, record)) this.counts.linked++
    else this.counts.repeated++
  }

  /** A span of no agent: only what hangs below it may matter. */
  #place(place: SpanPlace): void {
    this.#structure.add(place)
    this.#arrived(place.traceId, place.spanId, undefined)
  }

  #started(span: CollectedSpan): void {
    if (span.facts.attributes[LOGFIRE_SPAN_TYPE] === 'pending_span') {
      this.#pending(span)
      return
    }
    const is = classify(span.facts)
    const run = this.#runOf(span, is)
    if (is === undefined || run === undefined) {
      this.#place(span)
      return
    }
    run.run.observer.life.lastSeenAt = Date.now()
    if (!run.counts(span.traceId, span.spanId, 'start')) return
    if (is.role === 'run') this.#startRoot(run, span, is)
    else this.#start(run, span, is)
    run.repair()
  }

  #ended(span: CollectedSpan): void {
    const { traceId, spanId } = span
    if (span.facts.attributes[LOGFIRE_SPAN_TYPE] === 'pending_span') return
    const is = classify(span.facts)
    const run = this.#runOf(span, is)
    if (run === undefined) {
      if (is !== undefined) this.counts.late++
      return
    }
    if (is !== undefined && !run.counts(traceId, spanId, 'end')) {
      this.counts.repeated++
      return
    }
    const record = run.record(traceId, spanId)
    if (is !== undefined) this.counts.spans++
    if (record !== undefined && record.is.role !== 'run') {
      this.#assembler.end(record, {
        facts: span.facts,
        duration: Math.max(0, span.endMs - record.timestamp),
        output: undefined,
        error: span.error,
        cancelled: false,
        abandoned: false,
      })
      run.repair()
    }
    if (span.local || is?.role === 'run') run.rootSeen(outcomeOf(span))
  }

  /** A copy that tells the start of its parent span, under a span id of its own. */
  #pending(copy: CollectedSpan): void {
    const { traceId, parentSpanId: spanId } = copy
    const is = classify(copy.facts)
    const run = is === undefined ? undefined : this.#runOf(copy, is)
    if (is === undefined || run === undefined || spanId === undefined) return
    if (!run.counts(traceId, spanId, 'start')) {
      this.counts.repeated++
      return
    }
    const above = copy.facts.attributes[LOGFIRE_PENDING_PARENT]
    const parentSpanId = typeof above === 'string' && !/^0*$/.test(above) ? above : undefined
    this.#start(run, { ...copy, spanId, parentSpanId }, is)
  }

  /** The span that opened the run: what came before it hangs below it from now on. */
  #startRoot(run: CollectedRun, span: CollectedSpan, is: Recognised): void {
    const { life } = run.run.observer
    const begun = life.status !== 'unstarted'
    const record = this.#open(run, span, is, undefined)
    if (begun) {
      life.name = is.name ?? life.name
      life.startedAt = Math.min(life.startedAt, span.startMs)
    }
    this.#arrived(span.traceId, span.spanId, record)
  }

  #start(run: CollectedRun, span: CollectedSpan, is: Recognised): SpanRecord {
    const { parent, missing } = this.#parentOf(run, span.traceId, span.parentSpanId)
    const record = this.#open(run, span, is, parent)
    if (missing !== undefined) this.#waitFor(record, missing)
    // Children that came first hang below it before it ends, so that its totals hold theirs.
    this.#arrived(span.traceId, span.spanId, record)
    return record
  }

  #open(
    run: CollectedRun,
    span: CollectedSpan,
    is: Recognised,
    parent: SpanRecord | undefined,
  ): SpanRecord {
    const record = this.#assembler.start(run.run, parent, {
      traceId: span.traceId,
      spanId: span.spanId,
      is,
      timestamp: span.startMs,
      input: is.input === undefined ? undefined : capture(is.input, DEFAULT_MAX_CONTENT_BYTES),
      own: false,
      root: false,
    })
    run.add(record)
    return record
  }

  /** The nearest ancestor that has events, or the ancestor that has to come first. */
  #parentOf(
    run: CollectedRun,
    traceId: string,
    parentSpanId: string | undefined,
  ): { readonly parent: SpanRecord | undefined; readonly missing: string | undefined } {
    const { found, missing } = this.#structure.climb(traceId, parentSpanId, (spanId) =>
      run.record(traceId, spanId),
    )
    return { parent: found, missing }
  }

  #waitFor(record: SpanRecord, missing: string): void {
    const key = record.traceId + missing
    const waiting = this.#waiting.get(key)
    if (waiting === undefined) this.#waiting.set(key, [record])
    else waiting.push(record)
  }

  /** A span is known from now on: those that waited for it hang below it, or wait for the next one above. */
  #arrived(traceId: string, spanId: string, record: SpanRecord | undefined): void {
    const key = traceId + spanId
    const waiting = this.#waiting.get(key)
    if (waiting === undefined) return
    this.#waiting.delete(key)
    for (const child of waiting) {
      const run = this.#runs.get(child.observer)
      if (run === undefined || child.observer.ended) continue
      const place =
        record === undefined || record.run !== child.run
          ? this.#parentOf(run, traceId, spanId)
          : { parent: record, missing: undefined }
      if (place.parent !== undefined) this.#move(child, place.parent)
      else if (place.missing !== undefined && place.missing !== spanId) {
        this.#waitFor(child, place.missing)
      }
    }
  }

  #move(child: SpanRecord, parent: SpanRecord): void {
    child.moveBelow(parent)
    child.observer.append('agent.moved', child, 0, false, Date.now())
  }

  #runOf(span: CollectedSpan, is: Recognised | undefined): CollectedRun | undefined {
    const { traceId } = span
    const ofTrace = this.#byTrace.get(traceId)
    const named = span.facts.attributes[RUN_ID]
    if (isRandomId(named) && named !== ofTrace?.run.observer.randomId) {
      return this.#runNamed(named, traceId, ofTrace)
    }
    if (ofTrace !== undefined) return ofTrace.run.observer.disposed ? undefined : ofTrace
    // What is no agent's opens no run.
    return is === undefined ? undefined : this.#runNamed(traceId, traceId, undefined)
  }

  #runNamed(
    randomId: string,
    traceId: string,
    ofTrace: CollectedRun | undefined,
  ): CollectedRun | undefined {
    const known = this.#registry.get(randomId)
    const unnamed = ofTrace?.run.observer
    if (known === undefined && unnamed?.randomId === traceId && !unnamed.disposed) {
      // The trace's run got its name only now.
      this.#registry.alias(randomId, unnamed)
      return ofTrace
    }
    const run = this.#collected(known, randomId)
    if (run !== undefined && ofTrace === undefined) this.#byTrace.set(traceId, run)
    return run
  }

  #linkedRun({ randomId, event }: LinkRecord): CollectedRun | undefined {
    const known = this.#registry.get(randomId)
    const restarts = event?.type === 'run.start' && known?.ended === true
    if (restarts && this.#runs.get(known)?.counts(event.traceId, event.spanId, 'start') === true) {
      return this.#collected(undefined, randomId)
    }
    return this.#collected(known, randomId)
  }

  #collected(known: AgentObserver | undefined, randomId: string): CollectedRun | undefined {
    if (known === undefined && this.#registry.wasDisposed(randomId)) return undefined
    const observer = known ?? this.#registry.create(randomId)
    // A run that began in this very process ends here too.
    if (known === undefined) observer.life.elsewhere = true
    let run = this.#runs.get(observer)
    if (run === undefined) {
      run = new CollectedRun(this.#assembler.runOf(observer), this.#registry.limits.runGraceMs)
      this.#runs.set(observer, run)
    }
    return run
  }
}

function outcomeOf(span: CollectedSpan): RunOutcome {
  return {
    status: span.error === undefined ? 'ok' : 'error',
    timestamp: span.endMs,
    duration: span.endMs - span.startMs,
    error: span.error,
  }
}
