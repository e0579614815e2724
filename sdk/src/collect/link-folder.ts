import type { SpanRole } from '../dialect/span-facts.ts'
import type { AgentEvent } from '../event/agent-event.ts'
import { NO_SPAN_ID } from '../observer/event-input.ts'
import type { RunOutcome } from '../observer/run-life.ts'
import type { SpanRecord } from '../run/span-record.ts'
import type { CollectedRun } from './collected-run.ts'
import type { LinkEvent, LinkRecord } from './collected-span.ts'
import {
  errorOf,
  isEnd,
  LinkedEvent,
  nameOfStart,
  roleOfStart,
  totalsOf,
  truncatedOf,
  usageOf,
} from './link-event.ts'
import type { RunTree } from './run-tree.ts'
import { standIn } from './stand-in.ts'

/** A record of a link that has an event, in its run. */
interface Linked {
  readonly run: CollectedRun
  readonly event: LinkEvent
  readonly record: LinkRecord
}

/** Folds the events of live links into runs. They are built already: only their place and their number are new. */
export class LinkFolder {
  readonly #tree: RunTree

  constructor(tree: RunTree) {
    this.#tree = tree
  }

  /** @returns whether the record was new; `late` if its run is over. */
  fold(run: CollectedRun, record: LinkRecord): 'new' | 'repeated' | 'late' {
    const source = run.source(record.sourceId)
    const { event } = record
    if (event === undefined) source.reached(record.sourceSeq)
    else if (!source.take(record.sourceSeq)) return 'repeated'
    if (!run.local) run.ending.expect('trace')
    const outcome = event === undefined ? 'new' : this.#event({ run, event, record })
    // By our own clock: that of the sender may be ahead.
    run.observer.life.lastSeenAt = Date.now()
    run.settle()
    return outcome
  }

  #event(linked: Linked): 'new' | 'repeated' | 'late' {
    const { run, event } = linked
    if (!this.#isNew(linked)) return 'repeated'
    if (run.observer.ended) {
      run.observer.life.lateEvents++
      return 'late'
    }
    const role = roleOfStart(event)
    if (role === 'run') this.#startRun(linked)
    else begin(run, event)
    if (event.type === 'run.end') this.#endRun(linked)
    else if (isEnd(event)) this.#end(linked)
    else if (role === undefined) append(linked, run.record(event.traceId, event.spanId))
    else if (role !== 'run') this.#start(linked, role)
    return 'new'
  }

  #isNew({ run, event, record }: Linked): boolean {
    const { type, traceId, spanId } = event
    if (type === 'run.start' || type === 'run.end') {
      if (run.local || (run.owner !== undefined && run.owner !== ownerOf(record))) return false
    }
    if (type === 'run.end') {
      // The span's own end says nothing new after that; before, it was only a guess.
      run.counts(traceId, spanId, 'end', record.sourceId)
      return !run.ending.isTold
    }
    // What was emitted by hand has no span to be told apart by.
    if (spanId === NO_SPAN_ID) return true
    const role = roleOfStart(event)
    if (role !== undefined) {
      return run.counts(traceId, spanId, role === 'run' ? 'run' : 'start', record.sourceId)
    }
    if (type === 'agent.event') {
      const { timestamp, name } = event
      const id = { traceId, spanId, timestamp, name: typeof name === 'string' ? name : '' }
      return run.countsEvent(id, record.sourceId)
    }
    return !isEnd(event) || run.counts(traceId, spanId, 'end', record.sourceId)
  }

  #startRun({ run, event, record }: Linked): void {
    const { observer } = run
    const { life } = observer
    const { nodeId, timestamp, traceId, spanId, namespace } = event
    const name = nameOfStart(event) ?? 'run'
    run.owner = ownerOf(record)
    run.ending.expect('run')
    if (life.status !== 'unstarted') {
      life.name = name
      life.startedAt = Math.min(life.startedAt, timestamp)
      // What came before hangs below nothing: that is the run.
      this.#tree.cut(run, event)
      return
    }
    const hasInput = event.input !== undefined
    const input = () => ({ value: event.input, truncated: truncatedOf(event) })
    observer.begin({
      name,
      nodeId,
      timestamp,
      traceId,
      spanId,
      namespace,
      ...(hasInput && { input }),
    })
    if (spanId === NO_SPAN_ID) return
    const root = standIn(run, undefined, 'run', event)
    root.live = true
    run.add(root)
    this.#tree.grown(run, root, undefined)
  }

  #start(linked: Linked, role: SpanRole): void {
    const { run, event } = linked
    const { traceId, spanId, parentSpanId } = event
    if (spanId === NO_SPAN_ID) {
      append(linked, undefined)
      return
    }
    const { parent, missing } = this.#tree.find(run, traceId, parentSpanId)
    const record = standIn(run, parent, role, event)
    append(linked, record)
    run.pin(record, missing)
    record.live = true
    run.add(record)
    run.run.opened(record)
    this.#tree.grown(run, record, missing)
  }

  #end(linked: Linked): void {
    const {
      run,
      event,
      record: { sourceId },
    } = linked
    const record = run.record(event.traceId, event.spanId)
    const { life } = run.observer
    if (event.error !== undefined) life.errors++
    // A call inside a call is the same one, told by another library.
    if (event.type === 'agent.llm.end' && record?.isToldAgain !== true) {
      const usage = usageOf(event)
      const cost = typeof event.cost === 'number' ? event.cost : null
      run.calls.toldByLink(sourceId, usage, cost)
      if (record === undefined) life.addCall(usage, cost)
      else record.countCall(usage, cost)
    }
    append(linked, record)
    if (record !== undefined) run.close(record)
  }

  #endRun({ run, event, record }: Linked): void {
    run.owner = ownerOf(record)
    run.calledOut = record.calledOut === true
    run.ending.ended('link', {
      ...outcomeOf(event),
      get totals() {
        const { sourceId } = record
        const told = totalsOf(event)
        if (told === undefined) return undefined
        return run.isWhole(sourceId)
          ? run.calls.completing(told, sourceId)
          : run.calls.atLeast(told, sourceId, run.observer.life.totals)
      },
    })
  }
}

/** A run begins with what comes first of it, where its own start was lost or is yet to come. */
function begin(run: CollectedRun, event: LinkEvent): void {
  const { observer } = run
  if (observer.life.status !== 'unstarted') return
  const { timestamp, traceId, namespace } = event
  const name = (roleOfStart(event) && nameOfStart(event)) ?? 'run'
  observer.begin({
    name,
    nodeId: observer.randomId,
    timestamp,
    traceId,
    spanId: NO_SPAN_ID,
    namespace,
  })
}

function append({ run, event, record }: Linked, span: SpanRecord | undefined): void {
  const { observer } = run
  if (event.namespace !== undefined) observer.life.addNamespace(event.namespace)
  observer.life.addTrace(event.traceId)
  const linked = new LinkedEvent(observer.randomId, event, span)
  const talk =
    event.type === 'agent.chunk' || (event.type === 'agent.event' && event.name === 'chunk')
  // Its border has made sure that it is one of the types.
  const type = event.type as AgentEvent['type']
  observer.append(type, linked, record.bytes, talk, Date.now())
  if (span !== undefined) run.pin(span)
}

/** One process may send several runs, and several processes parts of one: only one of them tells start and end. */
function ownerOf({ sourceId, randomId }: LinkRecord): string {
  return `${sourceId} ${randomId}`
}

function outcomeOf(event: LinkEvent): RunOutcome {
  const { status, timestamp, duration, output } = event
  return {
    status: status === 'error' || status === 'cancelled' || status === 'abandoned' ? status : 'ok',
    timestamp,
    ...(typeof duration === 'number' && { duration }),
    error: errorOf(event),
    output,
    truncated: truncatedOf(event),
  }
}
