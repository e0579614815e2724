import type { AgentObserver } from '../observer/agent-observer.ts'
import type { RunLimits } from '../observer/limits.ts'
import type { Run } from '../run/run.ts'
import { bytesOf, type SpanRecord } from '../run/span-record.ts'
import { BoundedMap } from './bounded-map.ts'
import { CallSums } from './call-sums.ts'
import { RunEnding } from './run-ending.ts'
import { type Signal, SignalLog } from './signal-log.ts'
import { SourceSeqs } from './source-seqs.ts'
import { ToldEvents } from './told-events.ts'
import { WaitingSpans } from './waiting-spans.ts'

// What the ring has forgotten need not be known here much longer.
const MAX_ENDED = 5000
const MAX_SOURCES = 256
/** What is still on its way from another process when a run is over comes within this time of what came before. */
const QUIET_MS = 1000

/** What one custom event of a span is told apart by. */
export interface SpanEventId {
  readonly traceId: string
  readonly spanId: string
  readonly name: string
  readonly timestamp: number
}

/** What is known of a run whose spans and events come from other processes. */
export class CollectedRun {
  readonly run: Run
  readonly ending: RunEnding
  readonly waiting: WaitingSpans = new WaitingSpans()
  /** Whether this very process records it, so that others add to it at most. */
  readonly local: boolean
  /** Outlives the run where another one of its id follows: late repeats of the one are no spans of the other. */
  readonly signals: SignalLog
  /** Spans of a local run that started earlier may have been forgotten here: they are taken to be known. */
  blindBefore = 0
  /** This run, as the only one of a trace. */
  readonly alone: readonly CollectedRun[] = [this]
  /** Whether it is a conversation: many traces, and nobody says that it is over. */
  isConversation = false
  /** Whether it has called other processes, says its end. */
  calledOut = false
  /** Which source told the run's start, or its end. */
  owner: string | undefined
  readonly #open = new Map<string, SpanRecord>()
  readonly #ended: BoundedMap<string, SpanRecord>
  readonly #sources = new Map<string, SourceSeqs>()
  // Made with the first of theirs: most runs have none.
  #calls: CallSums | undefined
  #told: ToldEvents | undefined
  #loose: WeakSet<SpanRecord> | undefined
  /** Signals that the link has not told, but a span. */
  #repaired = 0

  constructor(run: Run, limits: RunLimits, signals: SignalLog = new SignalLog()) {
    const { life } = run.observer
    this.run = run
    this.local = !life.elsewhere
    this.signals = signals
    this.ending = new RunEnding(life, limits.runGraceMs)
    this.#ended = new BoundedMap(MAX_ENDED, limits.maxRunBytes)
  }

  get observer(): AgentObserver {
    return this.run.observer
  }

  get calls(): CallSums {
    this.#calls ??= new CallSums()
    return this.#calls
  }

  record(traceId: string, spanId: string): SpanRecord | undefined {
    const key = this.#keyOf(traceId, spanId)
    return this.#open.get(key) ?? this.#ended.get(key)
  }

  add(record: SpanRecord): void {
    const key = this.#keyOf(record.traceId, record.spanId)
    if (record.open) this.#open.set(key, record)
    else this.#ended.set(key, record, bytesOf(record.input))
  }

  /**
   * What was just appended about a span whose ancestors have not all come says where it hangs now, whenever it is
   * read: a reader must not hear of an ancestor before that has started.
   */
  pin(record: SpanRecord, missing?: string): void {
    const { parent, observer } = record
    if (missing !== undefined || (parent !== undefined && this.#loose?.has(parent) === true)) {
      this.#loose ??= new WeakSet()
      this.#loose.add(record)
    }
    if (this.#loose?.has(record) === true) void observer.entries(observer.lastSeq - 1, 1)[0]?.event
  }

  /** The span has ended: it is known for as long as children of it may come. */
  close(record: SpanRecord): void {
    if (record.open) {
      // Its end was told by others.
      record.open = false
      this.run.closed(record)
      const { life } = this.observer
      if (this.local && life.openSpans === 0) life.settle()
    }
    if (this.#loose?.has(record) === true) {
      // Its events are made; what waits for its place, maybe for long, need not hold their content.
      record.input = undefined
      record.output = undefined
      record.findings = undefined
    }
    const key = this.#keyOf(record.traceId, record.spanId)
    this.#open.delete(key)
    this.#ended.set(key, record, bytesOf(record.input) + bytesOf(record.output))
  }

  /**
   * @param sourceId - Whose link tells it; `undefined` if a span does.
   * @returns whether the span's start, or end, counts now: the first one does, whichever way it came.
   */
  counts(traceId: string, spanId: string, signal: Signal, sourceId?: string): boolean {
    const teller = sourceId === undefined ? 'span' : 'link'
    const verdict = this.signals.take(traceId, spanId, signal, teller)
    if (verdict === 'told-by-span' && sourceId !== undefined) {
      // The link tells it after all: this was no hole of its.
      this.#repaired--
      if (signal === 'end') this.calls.claim(traceId + spanId, sourceId)
    }
    return verdict === 'new'
  }

  /**
   * @param sourceId - Whose link tells it; `undefined` if its span does.
   * @returns whether this event of a span is new: the first one counts, whichever way it came.
   */
  countsEvent(event: SpanEventId, sourceId?: string): boolean {
    this.#told ??= new ToldEvents()
    const key = this.#keyOf(event.traceId, event.spanId)
    const by = sourceId === undefined ? 'span' : 'link'
    const isNew = this.#told.take(key, by, event.name, event.timestamp)
    // As above: it was no hole of the link's.
    if (!isNew && by === 'link') this.#repaired--
    return isNew
  }

  /** A span has told what its process's link should have told. */
  repaired(): void {
    this.#repaired++
  }

  /** Whether a link has told its start or its end: then it is a run of its own, whatever its id. */
  get isOwned(): boolean {
    return this.owner !== undefined
  }

  becomeConversation(): void {
    this.isConversation = true
    // No span ends it, whatever it hangs below.
    this.ending.expect('link')
  }

  source(sourceId: string): SourceSeqs {
    let source = this.#sources.get(sourceId)
    if (source !== undefined) return source
    source = new SourceSeqs()
    this.#sources.set(sourceId, source)
    for (const oldest of this.#sources.keys()) {
      if (this.#sources.size <= MAX_SOURCES) break
      this.#sources.delete(oldest)
    }
    return source
  }

  /** Whether the link has told all that this source has numbered. */
  isWhole(sourceId: string): boolean {
    return this.#sources.get(sourceId)?.missing === 0
  }

  #keyOf(traceId: string, spanId: string): string {
    return this.signals.keys.of(traceId, spanId)
  }

  /** Ends the run if it is said to be over and nothing of it is missing or open. */
  settle(): void {
    const { ending } = this
    if (!ending.isTold) return
    ending.stay()
    if (this.observer.life.openSpans > 0) return
    let missing = 0
    for (const source of this.#sources.values()) missing += source.missing
    if (missing > this.#repaired) return
    // Whoever was called sends by a line of its own, which may be slower than that of the caller.
    if (this.calledOut || this.#sources.size > 1) ending.finishWhenQuiet(QUIET_MS)
    else ending.finish()
  }
}
