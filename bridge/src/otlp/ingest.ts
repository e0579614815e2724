import type { ObserverRegistry, Prices, RunBy } from '@spancast/sdk'
import {
  anyDialect,
  type CollectedSpan,
  type CollectorCounts,
  contentRules,
  type LinkRecord,
  LOGFIRE_SPAN_TYPE,
  type OtherSpans,
  RunAssembler,
  SOURCE_ID,
  SpanCollector,
} from '@spancast/sdk/internal'
import { AgentMarks } from './agent-marks.ts'
import { collectedSpan } from './collected-span.ts'
import { decodeLogs } from './decode-logs.ts'
import { decodeTraces } from './decode-traces.ts'
import { DecodedOthers } from './decoded-others.ts'
import { linkRecordOf } from './link-record.ts'
import type { OtlpLogRecord } from './log-record.ts'
import type { OtlpEncoding } from './otlp-encoding.ts'
import type { DecodedTraces } from './otlp-span.ts'
import { inSlices } from './slices.ts'
import { errorOf } from './span-error.ts'
import { type OpenPacked, type UnreadSink, UnreadSpans } from './unread-spans.ts'

/** What has arrived, for `/metrics`. */
export interface IngestCounts {
  /** Spans, agentic or not. */
  spans: number
  /** Spans that have an attribute of an agent's. */
  agenticSpans: number
  /** Spans left out because an id is not valid. */
  rejectedSpans: number
  /** Log records of live links. */
  linkRecords: number
  /** Log records of others, which are not kept. */
  otherRecords: number
  /** Values that were cut for their depth. */
  cutValues: number
  /** Requests of metrics, which are not kept. */
  metricRequests: number
  /** Times that folding failed, which it should not: what it was about is not shown, or not all of it. */
  failures: number
}

export interface IngestOptions {
  /** Price lists for model calls, in the order in which they are asked. Default: none. */
  readonly prices?: readonly Prices[] | undefined
  /** What a run is that nobody has named. Default `'trace'`. */
  readonly runBy?: RunBy | undefined
}

const MARKS = new AgentMarks([...anyDialect.keys, LOGFIRE_SPAN_TYPE], anyDialect.scopes, [
  // Which run a span is of, and whether it has ended at all.
  'spancast.',
  LOGFIRE_SPAN_TYPE,
])
/** Spans of one request that are put in order together. */
const MOST_AT_ONCE = 2048
/** Link records between two looks at the clock. */
const RECORDS_A_SLICE = 64

/** Takes what has arrived. */
export interface SpanSink {
  readonly counts: CollectorCounts
  collect(spans: readonly CollectedSpan[], others: OtherSpans): void
  link(record: LinkRecord): void
  /** Takes spans as they came, where it says that it may; see `SpanCollector`. */
  mayPostpone?: UnreadSink['mayPostpone']
  mayWait?: UnreadSink['mayWait']
  postpone?: UnreadSink['postpone']
  /** Resolves when what it took since the last call cannot be lost any more; rejects if it may be. */
  kept?(): Promise<void>
}

/** Folds spans and link records into the runs of a registry. */
export function newCollector(
  registry: ObserverRegistry,
  { prices, runBy }: IngestOptions = {},
): SpanCollector {
  const assembler = new RunAssembler({ liveRules: () => contentRules().live, prices })
  return new SpanCollector({ registry, assembler, runBy })
}

/** Takes OTLP requests apart and folds what concerns agents into runs. */
export class Ingest {
  readonly counts: IngestCounts = {
    spans: 0,
    agenticSpans: 0,
    rejectedSpans: 0,
    linkRecords: 0,
    otherRecords: 0,
    cutValues: 0,
    metricRequests: 0,
    failures: 0,
  }
  readonly collector: SpanSink

  /** @param into - Where runs are folded; or who passes on what has come to where they are. */
  constructor(into: ObserverRegistry | SpanSink, options: IngestOptions = {}) {
    this.collector = 'collect' in into ? into : newCollector(into, options)
  }

  /**
   * Takes as long as it does in slices, so that nobody else has to wait for a large request.
   *
   * @returns how many spans were left out because an id is not valid.
   * @throws MalformedBody, before anything was folded.
   */
  async traces(body: Buffer, encoding: OtlpEncoding): Promise<number> {
    const decoded = await inSlices(decodeTraces(body, encoding, MARKS))
    const kept: Promise<void>[] = []
    await inSlices(this.#fold(decoded, kept))
    await Promise.all(kept)
    this.counts.spans += decoded.size
    this.counts.agenticSpans += decoded.agentic
    this.counts.rejectedSpans += decoded.rejected
    this.counts.cutValues += decoded.cut
    return decoded.rejected
  }

  /** Folds a very large request as if it were several. */
  *#fold(decoded: DecodedTraces, kept: Promise<void>[]): Generator<void, void> {
    for (let from = 0; from < decoded.size; from += MOST_AT_ONCE) {
      this.#guarded(() => {
        this.#foldSome(decoded, from, Math.min(decoded.size, from + MOST_AT_ONCE))
      })
      const keeping = this.collector.kept?.()
      // Whether it failed is asked when all are under way.
      keeping?.catch(() => {})
      if (keeping !== undefined) kept.push(keeping)
      yield
    }
  }

  /** What fails in the live view is no reason to keep a trace from its upstream, or to take it in twice. */
  #guarded(fold: () => void): void {
    try {
      fold()
    } catch (error) {
      this.counts.failures++
      if (this.counts.failures > 1) return
      process.emitWarning('The bridge could not show some of what came over OTLP.', {
        type: 'SpancastWarning',
        code: 'SPANCAST_FOLD_FAILED',
        detail: error instanceof Error ? (error.stack ?? error.message) : String(error),
      })
    }
  }

  #foldSome(decoded: DecodedTraces, from: number, to: number): void {
    const { collector } = this
    const unread = canPostpone(collector) ? UnreadSpans.of(decoded, from, to, collector) : undefined
    const spans: CollectedSpan[] = []
    const others = new DecodedOthers(decoded, to - from)
    for (let i = from; i < to; i++) {
      if (unread?.take(i) === true) continue
      if (decoded.isAgentic(i)) spans.push(collectedSpan(decoded.head(i), decoded.detail(i)))
      else others.add(i)
    }
    if (spans.length > 0 || others.size > 0) collector.collect(spans, others)
    unread?.postpone((index) => errorOf(decoded.detail(index)) !== undefined, this.#open)
  }

  /** Tells apart what was put away. */
  readonly #open: OpenPacked = (packed, tell) => {
    this.#guarded(() => {
      const decoded = decodeAtOnce(packed)
      const spans: CollectedSpan[] = []
      const others = new DecodedOthers(decoded, decoded.size)
      for (let i = 0; i < decoded.size; i++) {
        if (decoded.isAgentic(i)) spans.push(collectedSpan(decoded.head(i), decoded.detail(i)))
        else others.add(i)
      }
      tell(spans, others)
      this.counts.cutValues += decoded.cut
    })
  }

  /**
   * Takes as long as it does in slices, as `traces` does. Once it resolves the sender may forget the records.
   *
   * @throws MalformedBody, before anything was folded.
   */
  async logs(body: Buffer, encoding: OtlpEncoding): Promise<void> {
    const { records, others, cut } = await inSlices(decodeLogs(body, encoding, SOURCE_ID))
    this.counts.otherRecords += others
    this.counts.cutValues += cut
    await inSlices(this.#link(records))
    await this.collector.kept?.()
  }

  *#link(records: readonly OtlpLogRecord[]): Generator<void, void> {
    for (const [at, record] of records.entries()) {
      const link = linkRecordOf(record)
      if (link === undefined) this.counts.otherRecords++
      else {
        this.counts.linkRecords++
        this.#guarded(() => this.collector.link(link))
      }
      if (at % RECORDS_A_SLICE === RECORDS_A_SLICE - 1) yield
    }
  }
}

function canPostpone(sink: SpanSink): sink is SpanSink & UnreadSink {
  return sink.postpone !== undefined && sink.mayPostpone !== undefined && sink.mayWait !== undefined
}

function decodeAtOnce(packed: Buffer): DecodedTraces {
  const work = decodeTraces(packed, 'protobuf', MARKS)
  for (let step = work.next(); ; step = work.next()) if (step.done === true) return step.value
}
