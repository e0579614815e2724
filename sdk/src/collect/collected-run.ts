import type { RunOutcome } from '../observer/run-life.ts'
import type { Run } from '../run/run.ts'
import type { SpanRecord } from '../run/span-record.ts'
import { BoundedMap } from './bounded-map.ts'
import { SourceSeqs } from './source-seqs.ts'

// What the ring has forgotten need not be known here much longer.
const MAX_SPANS = 5000
const MAX_SOURCES = 256

const START = 1
const END = 2

/** What is known of a run whose spans and events come from other processes. */
export class CollectedRun {
  readonly run: Run
  /** Whether a live link has told the run's start, and so will tell its end. */
  linked = false
  readonly #graceMs: number
  readonly #records = new BoundedMap<string, SpanRecord>(MAX_SPANS)
  /** Which of its two signals has counted, for each span. */
  readonly #signals = new BoundedMap<string, number>(MAX_SPANS)
  readonly #sources = new Map<string, SourceSeqs>()
  /** Signals that no link has told, but a span. */
  #repaired = 0
  #outcome: RunOutcome | undefined
  #timer: ReturnType<typeof setTimeout> | undefined

  constructor(run: Run, graceMs: number) {
    this.run = run
    this.#graceMs = graceMs
  }

  record(traceId: string, spanId: string): SpanRecord | undefined {
    return this.#records.get(traceId + spanId)
  }

  add(record: SpanRecord): void {
    this.#records.set(record.traceId + record.spanId, record)
  }

  /** @returns whether the span's start, or end, counts now: the first one does, whichever way it came. */
  counts(traceId: string, spanId: string, signal: 'start' | 'end'): boolean {
    const key = traceId + spanId
    const seen = this.#signals.get(key) ?? 0
    const bit = signal === 'start' ? START : END
    if ((seen & bit) !== 0) return false
    this.#signals.set(key, seen | bit)
    return true
  }

  source(sourceId: string): SourceSeqs {
    let source = this.#sources.get(sourceId)
    if (source !== undefined) return source
    source = new SourceSeqs()
    if (this.#sources.size < MAX_SOURCES) this.#sources.set(sourceId, source)
    return source
  }

  /** A signal that the link should have told came as a span. */
  repair(): void {
    this.#repaired++
    this.#finishIfWhole()
  }

  /** The run is known to be over: it ends when nothing is missing, at the latest when the grace is over. */
  over(outcome: RunOutcome): void {
    this.#outcome ??= outcome
    this.#finishIfWhole()
    if (this.run.observer.ended || this.#timer !== undefined) return
    this.#timer = setTimeout(() => this.#finish(), this.#graceMs)
    this.#timer.unref?.()
  }

  /** A span that nothing local is above has ended: nothing more is expected, but it may still come. */
  rootSeen(outcome: RunOutcome): void {
    if (this.linked) return
    this.#outcome ??= outcome
    clearTimeout(this.#timer)
    this.#timer = setTimeout(() => this.#finish(), this.#graceMs)
    this.#timer.unref?.()
  }

  /** Only one process has told of this run, and it told all: its totals are the run's. */
  get isWhole(): boolean {
    return this.#sources.size === 1 && this.#missing() === 0 && this.#repaired === 0
  }

  #finishIfWhole(): void {
    if (this.linked && this.#outcome !== undefined && this.#missing() <= this.#repaired)
      this.#finish()
  }

  #missing(): number {
    let missing = 0
    for (const source of this.#sources.values()) missing += source.missing
    return missing
  }

  #finish(): void {
    clearTimeout(this.#timer)
    this.#timer = undefined
    if (this.#outcome !== undefined) this.run.observer.life.finish(this.#outcome)
  }
}
