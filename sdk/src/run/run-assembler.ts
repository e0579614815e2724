import type { Findings, Recognised, SpanRole } from '../dialect/span-facts.ts'
import { warily } from '../dialect/warily.ts'
import type { AgentEvent, ErrorInfo, RunStatus } from '../event/agent-event.ts'
import { capText } from '../event/cap.ts'
import { type Captured, type ContentRules, capture, publish } from '../event/content.ts'
import { infoOf, publishError } from '../event/error-info.ts'
import type { AgentObserver } from '../observer/agent-observer.ts'
import { NO_SPAN_ID } from '../observer/event-input.ts'
import { costOf, type Prices } from '../prices/prices.ts'
import { MAX_NAME_BYTES } from './event-base.ts'
import { Run } from './run.ts'
import type { SpanClosing, SpanOpening } from './span-opening.ts'
import { bytesOf, SpanRecord, type Turned } from './span-record.ts'

export interface RunAssemblerOptions {
  /** What is done to content for live readers, at this moment; `undefined` when they get none. */
  readonly liveRules: () => ContentRules | undefined
  /** Price lists, in the order in which they are asked. Default: none. */
  readonly prices?: readonly Prices[] | undefined
}

/**
 * Turns what happens to spans into the events of their runs: each start and end once, parents before children,
 * with totals. The same for every source of spans.
 */
export class RunAssembler {
  readonly #options: RunAssemblerOptions
  readonly #prices: readonly Prices[]

  constructor(options: RunAssemblerOptions) {
    this.#options = options
    this.#prices = options.prices ?? []
  }

  /** Whether live readers get content, at this moment. */
  get showsContent(): boolean {
    return this.#options.liveRules() !== undefined
  }

  /** The run that `observer` records. */
  runOf(observer: AgentObserver): Run {
    const known = observer.assembled
    if (known instanceof Run) return known
    const run = new Run(observer, this.#options.liveRules)
    observer.assembled = run
    observer.life.beforeEnd(() => this.#abandonOpen(run))
    return run
  }

  /** A span has started below `parent`. Starts its run, if this is the first that happens in it. */
  start(run: Run, parent: SpanRecord | undefined, opening: SpanOpening): SpanRecord {
    const span = new SpanRecord(run, parent, opening)
    if (opening.root) run.observer.life.rootStarted()
    if (span.is.role === 'run') this.#startRun(span)
    else this.#startSpan(span, opening.top ?? opening.root)
    return span
  }

  /** The span has ended. */
  end(span: SpanRecord, closing: SpanClosing): void {
    const { life } = span.run.observer
    if (!span.open) {
      life.lateEvents++
      return
    }
    span.open = false
    span.flushChunks()
    span.duration = closing.duration
    span.output = closing.output
    span.error = closing.error
    span.abandoned = closing.abandoned
    this.#conclude(span, closing)
    if (span.leaving > 0) this.#abandonLeft(span)
    if (span.leftOpen && span.parent !== undefined) span.parent.leaving--
    span.closeTotals()
    if (span.is.role !== 'run') {
      if (span.error !== undefined) life.errors++
      this.#appendEnd(span)
    }
    if (span.root) this.#endRoot(span, closing)
    else if (life.openSpans === 0) life.settle()
    else if (span.error !== undefined && leavesARootThatMayStay(span)) life.doubtful = true
  }

  #startRun(span: SpanRecord): void {
    const { observer } = span.run
    observer.begin({
      name: capText(span.is.name ?? 'run', MAX_NAME_BYTES),
      nodeId: span.nodeId,
      timestamp: span.timestamp,
      traceId: span.traceId,
      spanId: span.spanId,
      namespace: span.effectiveNamespace,
      input: span.input === undefined ? undefined : this.#inputReader(span.input),
    })
    span.live = !observer.ended
  }

  #startSpan(span: SpanRecord, top: boolean): void {
    const { run, traceId } = span
    const { observer } = run
    const { life } = observer
    const namespace = span.effectiveNamespace
    if (life.status === 'unstarted') {
      observer.begin({
        name: capText(span.is.name ?? 'run', MAX_NAME_BYTES),
        nodeId: top ? span.nodeId : observer.randomId,
        timestamp: span.timestamp,
        traceId,
        spanId: top ? span.spanId : NO_SPAN_ID,
        namespace,
      })
    }
    const type = startTypeOf(span.is.role)
    span.live = observer.append(type, span, bytesOf(span.input), false, span.timestamp)
    span.open = span.live
    if (!span.live) return
    if (namespace !== undefined) life.addNamespace(namespace)
    life.addTrace(traceId)
    run.opened(span)
    life.doubtful = false
    if (span.leftOpen && span.parent !== undefined) span.parent.leaving++
  }

  #appendEnd(span: SpanRecord): void {
    const { run } = span
    const at = span.timestamp + span.duration
    run.observer.append(endTypeOf(span), span, bytesOf(span.output), false, at)
    run.closed(span)
  }

  #inputReader(captured: Captured): () => { value: unknown; truncated: readonly string[] } {
    return () => {
      const rules = this.#options.liveRules()
      return rules === undefined
        ? { value: null, truncated: [] }
        : publish(captured, 'input', rules)
    }
  }

  /** Takes from the span's last state what was not known before. */
  #conclude(span: SpanRecord, closing: SpanClosing): void {
    const { is, recorded } = span
    // Nothing is set on a span of our own wrapper later on, but on a model call's.
    if (span.own && is.role !== 'llm' && recorded === undefined) return
    const { recognised } = closing
    const again =
      recognised?.dialect === is.dialect ? recognised : warily(closing.facts, is.dialect.recognise)
    const turned = turnedInto(span, again)
    const role = turned === 'tool' ? turned : is.role
    const found: Findings = warily(closing.facts, (facts) => is.dialect.conclude(facts, role)) ?? {}
    const isCall = is.role === 'llm'
    const usage = recorded?.usage ?? found.usage ?? null
    // A model names no other span, even if its end says that it was a call.
    const told = isCall === (again?.role === 'llm') ? again?.name : undefined
    const name = told ?? is.name ?? (isCall ? recorded?.model : undefined)
    const provider = again?.provider ?? recorded?.provider
    const model = recorded?.model ?? (isCall ? name : undefined) ?? null
    const counts = isCall || recorded !== undefined || found.recorded === true
    const carried = recorded?.cost ?? found.cost
    const { timestamp } = span
    const cost = counts
      ? costOf(carried, usage, { model, provider, timestamp }, this.#prices)
      : null
    // What a framework and a model's client both tell is one call, one inside the other or side by side.
    const isTold =
      span.isToldAgain || span.run.hasAnswer(found.responseId, closing.facts.scope, usage)
    if (counts && !isTold) span.countCall(usage, cost)
    span.output ??= this.#captured(found.output)
    span.error = this.#errorOf(span.error, found)
    span.findings = {
      name,
      provider,
      toolCallId: again?.toolCallId,
      turned,
      input: span.input === undefined ? this.#captured(again?.input) : undefined,
      usage,
      cost,
      timeToFirstChunk: found.timeToFirstChunk,
    }
  }

  /** What the status tells of an error, in the words of its dialect where that has none. */
  #errorOf(told: ErrorInfo | undefined, found: Findings): ErrorInfo | undefined {
    const message = found.error?.message ?? found.errorMessage
    if (told === undefined ? found.error === undefined : told.message !== '') return told
    if (message === undefined) return told
    const error = told ?? found.error
    const info = infoOf(error?.type, message, error?.stack)
    return publishError(info, this.#options.liveRules())
  }

  #captured(value: unknown): Captured | undefined {
    const rules = this.#options.liveRules()
    return value === undefined || rules === undefined
      ? undefined
      : capture(value, rules.maxContentBytes)
  }

  #endRoot(span: SpanRecord, closing: SpanClosing): void {
    const rules = this.#options.liveRules()
    const shown =
      rules === undefined || span.output === undefined || span.is.role !== 'run'
        ? undefined
        : publish(span.output, 'output', rules)
    const { life } = span.run.observer
    const name = span.findings?.name
    if (name !== undefined && isNamedLast(span)) life.name = capText(name, MAX_NAME_BYTES)
    life.rootEnded({
      status: statusOf(closing, span),
      timestamp: span.timestamp + closing.duration,
      duration: closing.duration,
      error: span.error,
      output: shown?.value,
      truncated: shown?.truncated,
    })
  }

  /** Innermost first: what opened last ends first. */
  #abandonOpen(run: Run): void {
    for (let span = run.newestOpen; span !== undefined; span = run.newestOpen) {
      this.#abandon(span, Date.now())
    }
  }

  /** What its library has left open below a span that ends now. */
  #abandonLeft(parent: SpanRecord): void {
    const endedAt = parent.timestamp + parent.duration
    let span = parent.run.newestOpen
    while (span !== undefined && parent.leaving > 0) {
      const { previous } = span
      if (span.parent === parent && span.leftOpen) {
        parent.leaving--
        if (span.leaving > 0) this.#abandonLeft(span)
        this.#abandon(span, endedAt)
        // What was open before may have gone with it.
        span = parent.run.newestOpen
      } else span = previous
    }
  }

  #abandon(span: SpanRecord, at: number): void {
    span.open = false
    span.abandoned = true
    span.flushChunks()
    span.duration = Math.max(0, at - span.timestamp)
    if (span.is.role === 'llm' || span.recorded !== undefined) this.#countRecorded(span)
    span.closeTotals()
    this.#appendEnd(span)
  }

  /** All that is known of a call that never ended is what was recorded for it. */
  #countRecorded(span: SpanRecord): void {
    const { is, recorded } = span
    const usage = recorded?.usage ?? null
    const provider = is.provider ?? recorded?.provider
    const model = recorded?.model ?? (is.role === 'llm' ? is.name : undefined) ?? null
    const { timestamp } = span
    const cost = costOf(recorded?.cost, usage, { model, provider, timestamp }, this.#prices)
    if (!span.isToldAgain) span.countCall(usage, cost)
    span.findings = {
      name: is.role === 'llm' ? (model ?? undefined) : is.name,
      provider,
      toolCallId: undefined,
      turned: undefined,
      input: undefined,
      usage,
      cost,
      timeToFirstChunk: undefined,
    }
  }
}

/** Whether nothing is open any more but the root above, which its library may have left. */
function leavesARootThatMayStay({ parent, run }: SpanRecord): boolean {
  return parent?.root === true && parent.leftOpen && run.observer.life.openSpans === 1
}

/** Whether its run is called as it is in the end. */
function isNamedLast({ is, run }: SpanRecord): boolean {
  // A model, for one, may be known only when it has answered.
  if (is.name === undefined) return true
  // A request is named after its route when that is found; but a run may have had its name before the request came.
  return is.role === 'run' && run.observer.life.name === capText(is.name, MAX_NAME_BYTES)
}

function statusOf(closing: SpanClosing, { error }: SpanRecord): RunStatus {
  if (closing.cancelled) return 'cancelled'
  if (error !== undefined) return 'error'
  return closing.abandoned ? 'abandoned' : 'ok'
}

/** What its end says that a node is, where its start has said another thing. The root of a run stays a node. */
function turnedInto({ is, root }: SpanRecord, again: Recognised | null | undefined): Turned {
  if (!isNode(is.role)) return undefined
  if (again?.role === 'tool') return root ? undefined : 'tool'
  return again?.role === 'agent' && is.role !== 'agent' ? 'agent' : undefined
}

function isNode(role: SpanRole): boolean {
  return role === 'agent' || role === 'workflow' || role === 'step'
}

function startTypeOf(role: SpanRole): AgentEvent['type'] {
  if (role === 'tool') return 'agent.tool.start'
  return role === 'llm' ? 'agent.llm.start' : 'agent.start'
}

function endTypeOf({ is, error, findings }: SpanRecord): AgentEvent['type'] {
  if (is.role === 'tool' || findings?.turned === 'tool') return 'agent.tool.end'
  if (is.role === 'llm') return 'agent.llm.end'
  return error === undefined ? 'agent.end' : 'agent.error'
}
