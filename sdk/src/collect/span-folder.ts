import {
  ABANDONED,
  LOGFIRE_PENDING_PARENT,
  RUN_CANCELLED,
  RUN_ID,
  USAGE_RECORDED,
} from '../attributes.ts'
import { isPart } from '../dialect/classify.ts'
import type { Recognised } from '../dialect/span-facts.ts'
import { capText } from '../event/cap.ts'
import { type Captured, capture, type Published, publish } from '../event/content.ts'
import { NO_SPAN_ID } from '../observer/event-input.ts'
import type { RunOutcome } from '../observer/run-life.ts'
import { MAX_NAME_BYTES } from '../run/event-base.ts'
import type { RunAssembler } from '../run/run-assembler.ts'
import type { SpanRecord } from '../run/span-record.ts'
import type { CollectedRun } from './collected-run.ts'
import type { CollectedEvent, CollectedSpan, OtherSpan } from './collected-span.ts'
import { appendCustom } from './custom-event.ts'
import type { RunTree } from './run-tree.ts'
import type { WholeRoots } from './whole-roots.ts'

export type Folded = 'new' | 'repeated' | 'late'

/** Folds spans that have ended into runs, as if they started and ended now. */
export class SpanFolder {
  readonly #tree: RunTree
  readonly #assembler: RunAssembler

  constructor(tree: RunTree, assembler: RunAssembler) {
    this.#tree = tree
    this.#assembler = assembler
  }

  /** @param roots - Spans without a parent that came along: the trace may hang below one of them. */
  started(
    run: CollectedRun,
    span: CollectedSpan,
    is: Recognised,
    roots: WholeRoots | undefined,
  ): Folded {
    const { traceId, spanId } = span
    const known = run.record(traceId, spanId)
    const isRun = is.role === 'run'
    // A link may have told of it as the run's beginning alone, and it is a node as well.
    if (known !== undefined && (known.is.role === 'run') === isRun) return 'repeated'
    if (span.startMs < run.blindBefore) return 'repeated'
    if (!run.counts(traceId, spanId, isRun ? 'run' : 'start')) return 'repeated'
    if (isLate(run)) return 'late'
    if (isRun) this.#startRun(run, span, is)
    else {
      if (run.observer.life.status === 'unstarted') this.#beginAt(run, roots?.of(traceId))
      this.#start(run, span, is)
    }
    touched(run, span)
    return 'new'
  }

  /** A custom event that a span carries. */
  told(run: CollectedRun, span: CollectedSpan, event: CollectedEvent): Folded {
    const { traceId, spanId } = span
    const { name, timestamp, content } = event
    if (span.startMs < run.blindBefore) return 'repeated'
    if (run.signals.has(traceId, spanId, 'events')) return 'repeated'
    if (!run.countsEvent({ traceId, spanId, name, timestamp })) return 'repeated'
    if (isLate(run)) return 'late'
    const record = run.record(traceId, spanId)
    if (record === undefined) appendCustom(run, span, event)
    else {
      record.event(name, content, undefined, timestamp)
      run.pin(record)
    }
    touched(run, span)
    return 'new'
  }

  ended(run: CollectedRun, span: CollectedSpan, is: Recognised): Folded {
    const { traceId, spanId } = span
    // Sent once more, it has the same ones.
    if (span.events !== undefined) run.counts(traceId, spanId, 'events')
    if (!run.counts(traceId, spanId, 'end')) return 'repeated'
    if (isLate(run)) return 'late'
    const record = run.record(traceId, spanId)
    if (record !== undefined) this.#end(run, record, span, is)
    if (is.role === 'run' && !run.local) run.ending.ended('run', runOutcome(run, span, is))
    touched(run, span)
    return 'new'
  }

  /** A span has ended that is nothing by itself: the one above may not say that it failed with it. */
  partEnded(run: CollectedRun, { traceId, parentSpanId, facts, error }: CollectedSpan): void {
    if (error === undefined || parentSpanId === undefined || !isPart(facts)) return
    const whole = run.record(traceId, parentSpanId)
    if (whole?.open === true) whole.error = error
  }

  /** A span has ended that its process began with, recognised or not. */
  rootEnded(run: CollectedRun, span: OtherSpan, told: OtherSpan['told'] = span.told): void {
    if (run.local || run.observer.ended) return
    const { life, randomId } = run.observer
    const by = span.parentSpanId === undefined ? 'trace' : 'part'
    const detail = told?.()
    // A run that goes by its trace is called as that is, and as long.
    if (by === 'trace' && randomId === span.traceId) {
      life.startedAt = Math.min(life.startedAt, span.startMs)
      life.name = capText(detail?.name ?? life.name, MAX_NAME_BYTES)
    }
    // Its dialect may have known more of its error.
    const error = run.record(span.traceId, span.spanId)?.error ?? detail?.error
    run.ending.ended(by, outcomeOf(span, error))
  }

  /** A copy that tells the start of its parent span, under a span id of its own. */
  pending(run: CollectedRun, copy: CollectedSpan, is: Recognised): Folded {
    const { parentSpanId: spanId } = copy
    if (spanId === undefined) return 'repeated'
    const parentSpanId = pendingParent(copy)
    return this.started(run, { ...copy, spanId, parentSpanId }, is, undefined)
  }

  /** The span that opened the run. Where that began with another one already, nothing hangs below this one. */
  #startRun(run: CollectedRun, span: CollectedSpan, is: Recognised): void {
    const { life } = run.observer
    if (life.status === 'unstarted') {
      const record = this.#open(run, span, is, undefined)
      this.#tree.grown(run, record, undefined)
      return
    }
    life.name = is.name ?? life.name
    life.startedAt = Math.min(life.startedAt, span.startMs)
    this.#tree.cut(run, span)
  }

  /** The run begins with the root of its trace, though that concerns no agent. */
  #beginAt(run: CollectedRun, root: OtherSpan | undefined): void {
    if (root === undefined || run.isConversation) return
    const name = root.told?.().name
    const is: Recognised = { dialect: UNKNOWN, role: 'run', name }
    const record = this.#open(run, root, is, undefined)
    this.#tree.grown(run, record, undefined)
  }

  #start(run: CollectedRun, span: CollectedSpan, is: Recognised): void {
    const { parent, missing } = this.#tree.find(run, span.traceId, span.parentSpanId)
    const record = this.#open(run, span, is, parent)
    run.pin(record, missing)
    if (run.signals.has(span.traceId, span.spanId, 'end')) run.close(record)
    // Children that came first hang below it before it ends, so that its totals hold theirs.
    this.#tree.grown(run, record, missing)
  }

  #open(
    run: CollectedRun,
    span: Pick<CollectedSpan, 'traceId' | 'spanId' | 'parentSpanId' | 'startMs'>,
    is: Recognised,
    parent: SpanRecord | undefined,
  ): SpanRecord {
    const { traceId, spanId, startMs: timestamp } = span
    // A run with an id of its own was opened by its process, not by the first span of its trace.
    const top = span.parentSpanId === undefined && run.observer.randomId === traceId
    const input = captured(run, is.input)
    // The record outlives its events: it must not hold the content as it came.
    const known = { ...is, input: undefined }
    const opening = { traceId, spanId, is: known, timestamp, input, own: false, root: false, top }
    const record = this.#assembler.start(run.run, parent, opening)
    run.add(record)
    return record
  }

  #end(
    run: CollectedRun,
    record: SpanRecord,
    { facts, endMs, error }: CollectedSpan,
    is: Recognised,
  ): void {
    this.#assembler.end(record, {
      facts,
      recognised: is,
      duration: Math.max(0, endMs - record.timestamp),
      output: undefined,
      error: error ?? record.error,
      cancelled: false,
      abandoned: facts.attributes[ABANDONED] === true,
    })
    const isCall = record.is.role === 'llm' || facts.attributes[USAGE_RECORDED] === true
    if (isCall && !record.isToldAgain) {
      const { usage = null, cost = null } = record.findings ?? {}
      run.calls.toldBySpan(record.traceId + record.spanId, usage, cost)
    }
    run.pin(record)
    run.close(record)
  }
}

const UNKNOWN: Recognised['dialect'] = {
  keys: [],
  recognise: () => undefined,
  conclude: () => ({}),
}

/** The parent of the span that a pending copy stands for. */
export function pendingParent({ facts }: CollectedSpan): string | undefined {
  const above = facts.attributes[LOGFIRE_PENDING_PARENT]
  return typeof above === 'string' && above !== '' && above !== NO_SPAN_ID ? above : undefined
}

function isLate(run: CollectedRun): boolean {
  if (!run.observer.ended) return false
  run.observer.life.lateEvents++
  return true
}

function touched(run: CollectedRun, span: CollectedSpan): void {
  const { life, randomId } = run.observer
  // Spans of processes that stamp no id have no link either: they fill none of its holes.
  if (span.facts.attributes[RUN_ID] !== undefined || randomId === span.traceId) run.repaired()
  // By our own clock: that of the sender may be ahead.
  life.lastSeenAt = Date.now()
  run.settle()
}

function captured(run: CollectedRun, value: unknown): Captured | undefined {
  const rules = run.run.liveRules
  return value === undefined || rules === undefined
    ? undefined
    : capture(value, rules.maxContentBytes)
}

function runOutcome(run: CollectedRun, span: CollectedSpan, is: Recognised): RunOutcome {
  const { facts } = span
  const output = published(run, is.dialect.conclude(facts, 'run').output)
  return {
    ...outcomeOf(span, span.error),
    ...(facts.attributes[RUN_CANCELLED] === true && { status: 'cancelled' }),
    output: output?.value,
    truncated: output?.truncated,
  }
}

function published(run: CollectedRun, value: unknown): Published | undefined {
  const rules = run.run.liveRules
  const content = captured(run, value)
  return rules === undefined || content === undefined
    ? undefined
    : publish(content, 'output', rules)
}

function outcomeOf(
  { startMs, endMs }: Pick<OtherSpan, 'startMs' | 'endMs'>,
  error: RunOutcome['error'],
): RunOutcome {
  return {
    status: error === undefined ? 'ok' : 'error',
    timestamp: endMs,
    duration: Math.max(0, endMs - startMs),
    error,
  }
}
