import { anyDialect } from '../dialect/classify.ts'
import type { AgentEvent } from '../event/agent-event.ts'
import { type TokenUsage, usageFrom } from '../event/usage.ts'
import type { RunOutcome } from '../observer/run-life.ts'
import { addUp } from '../run/run-assembler.ts'
import { SpanRecord } from '../run/span-record.ts'
import type { CollectedRun } from './collected-run.ts'
import type { LinkEvent, LinkRecord } from './collected-span.ts'
import { isEnd, LinkedEvent, nameOfStart, roleOfStart } from './link-event.ts'

/** The tree that linked events find their place in. */
export interface Tree {
  parentOf(
    run: CollectedRun,
    traceId: string,
    parentSpanId: string | undefined,
  ): { readonly parent: SpanRecord | undefined; readonly missing: string | undefined }
  /** A span is known from now on. */
  arrived(record: SpanRecord): void
  waitFor(record: SpanRecord, missing: string): void
}

/** Folds the events of live links into runs. They are built already: only their place and their number are new. */
export class LinkFolder {
  readonly #tree: Tree

  constructor(tree: Tree) {
    this.#tree = tree
  }

  /** @returns whether the record was new. */
  fold(run: CollectedRun, { sourceId, sourceSeq, event }: LinkRecord): boolean {
    run.run.observer.life.lastSeenAt = Date.now()
    const source = run.source(sourceId)
    if (event === undefined) {
      source.reached(sourceSeq)
      return true
    }
    if (!source.take(sourceSeq)) return false
    return this.#event(run, event)
  }

  #event(run: CollectedRun, event: LinkEvent): boolean {
    if (event.type === 'run.end') {
      if (!run.counts(event.traceId, event.spanId, 'end')) return false
      run.linked = true
      run.over(outcomeOf(event, run))
      return true
    }
    const role = roleOfStart(event)
    if (role !== undefined) {
      if (!run.counts(event.traceId, event.spanId, 'start')) return false
      this.#start(run, event)
      return true
    }
    if (isEnd(event)) return this.#end(run, event)
    this.#append(run, event, run.record(event.traceId, event.spanId))
    return true
  }

  #start(run: CollectedRun, event: LinkEvent): void {
    const role = roleOfStart(event) ?? 'step'
    const { observer } = run.run
    const { traceId, spanId } = event
    const { parent, missing } = this.#tree.parentOf(run, traceId, event.parentSpanId)
    const record = new SpanRecord(run.run, parent, {
      traceId,
      spanId,
      is: {
        dialect: anyDialect,
        role,
        name: nameOfStart(event),
        // A node that goes by its span id was given no other.
        nodeId:
          role !== 'tool' && role !== 'llm' && event.nodeId !== spanId ? event.nodeId : undefined,
        namespace: event.namespace,
      },
      timestamp: event.timestamp,
      input: undefined,
      own: false,
      root: false,
    })
    run.add(record)
    if (role === 'run') this.#startRun(run, event, record)
    else {
      observer.begin({
        name: record.is.name ?? 'run',
        nodeId: observer.randomId,
        timestamp: event.timestamp,
        traceId,
        spanId: '0'.repeat(16),
        namespace: event.namespace,
      })
      record.live = this.#append(run, event, record)
      record.open = record.live
      if (record.live) run.run.opened(record)
    }
    if (missing !== undefined) this.#tree.waitFor(record, missing)
    this.#tree.arrived(record)
  }

  #startRun(run: CollectedRun, event: LinkEvent, record: SpanRecord): void {
    const { observer } = run.run
    const name = record.is.name ?? 'run'
    run.linked = true
    observer.life.name = name
    observer.begin({
      name,
      nodeId: event.nodeId,
      timestamp: event.timestamp,
      traceId: event.traceId,
      spanId: event.spanId,
      namespace: event.namespace,
      ...(event.input !== undefined && {
        input: () => ({ value: event.input, truncated: truncatedOf(event) }),
      }),
    })
    record.live = true
  }

  #end(run: CollectedRun, event: LinkEvent): boolean {
    if (!run.counts(event.traceId, event.spanId, 'end')) return false
    const record = run.record(event.traceId, event.spanId)
    const { life } = run.run.observer
    if (event.error !== undefined) life.errors++
    if (event.type === 'agent.llm.end' && record !== undefined) {
      addUp(record, usageOf(event), typeof event.cost === 'number' ? event.cost : null)
    }
    this.#append(run, event, record)
    if (record?.open === true) {
      record.open = false
      run.run.closed(record)
    }
    return true
  }

  #append(run: CollectedRun, event: LinkEvent, record: SpanRecord | undefined): boolean {
    const { observer } = run.run
    if (event.namespace !== undefined) observer.life.addNamespace(event.namespace)
    observer.life.addTrace(event.traceId)
    const linked = new LinkedEvent(observer.randomId, event, record)
    const talk = event.type === 'agent.chunk'
    // Its border has made sure that it is one of the types.
    const type = event.type as AgentEvent['type']
    return observer.append(type, linked, sizeOf(event), talk, event.timestamp)
  }
}

function outcomeOf(event: LinkEvent, run: CollectedRun): RunOutcome {
  const { status } = event
  return {
    status: status === 'error' || status === 'cancelled' || status === 'abandoned' ? status : 'ok',
    timestamp: event.timestamp,
    ...(typeof event.duration === 'number' && { duration: event.duration }),
    ...(event.error !== undefined && { error: event.error as RunOutcome['error'] }),
    output: event.output,
    truncated: truncatedOf(event),
    ...(run.isWhole && { totals: event as unknown as RunOutcome['totals'] }),
  }
}

function usageOf(event: LinkEvent): TokenUsage | null {
  const { tokenUsage } = event
  return typeof tokenUsage === 'object' && tokenUsage !== null
    ? (usageFrom(tokenUsage) ?? null)
    : null
}

function truncatedOf(event: LinkEvent): readonly string[] {
  return Array.isArray(event.truncated) ? event.truncated : []
}

// Content is a few fields at most; walking them would cost more than it tells.
function sizeOf(event: LinkEvent): number {
  let size = 0
  for (const value of Object.values(event)) if (typeof value === 'string') size += value.length
  return size + 200
}
