import type { AgentEvent, ControlRecord, LlmEnd } from '../../event/agent-event.ts'
import { addUsage } from '../../event/usage.ts'
import { withGap } from './gaps.ts'
import {
  type CallSum,
  type Failure,
  initialState,
  MAX_LOG,
  NO_SPAN_ID,
  type RunFacts,
  type RunState,
  type RunUsage,
} from './run-state.ts'
import { withSpanEvent } from './span-index.ts'

/** What the bridge says in a heartbeat. Times are milliseconds since the Unix epoch. */
export interface Heartbeat {
  readonly type: 'client.heartbeat'
  /** The bridge's clock. */
  readonly serverTime: number
  /** When the run last gave a sign of life, by the bridge's clock; `undefined` if it does not say. */
  readonly lastSeenAt: number | undefined
  /** This machine's clock when the heartbeat came. */
  readonly receivedAt: number
}

/** What `reduce` takes in: the records of a run's stream, and its heartbeats. */
export type RunRecord = AgentEvent | ControlRecord | Heartbeat

// Three heartbeats of the bridge, as it is set up by default.
const STALLED_AFTER_MS = 45_000

/**
 * The state after one more record. Pure: the same records give the same state, whatever their order and however often
 * each comes, as long as all are of one life of the run's buffer (`restarted` begins another) and no limit is passed
 * (`MAX_LOG`, `MAX_SPANS`, `MAX_TEXT`). A type that is not known lands in `log` and changes nothing else.
 */
export function reduce(state: RunState, record: RunRecord): RunState {
  switch (record.type) {
    case 'stream.gap':
      return Object.freeze(
        record.reason === 'restarted'
          ? { ...state, stale: true, restarts: state.restarts + 1 }
          : { ...state, gaps: withGap(state.gaps, record) },
      )
    case 'stream.end':
      return state
    case 'client.heartbeat':
      return withHeartbeat(state, record)
    default:
      return withEvent(state.stale ? anew(state) : state, record)
  }
}

function withEvent(state: RunState, event: AgentEvent): RunState {
  const { log, logDropped } = state
  if (!isNew(state, event.seq)) return state
  const longer = log.insert(event.seq, event)
  const kept = longer.last(MAX_LOG)
  const next = {
    ...state,
    log: kept,
    logDropped: logDropped + longer.length - kept.length,
    run: withFacts(state, event),
    ...(event.type === 'agent.llm.end' && { sum: withCall(state.sum, event) }),
    firstError: firstOf(state.firstError, failureOf(event)),
    ...withSpanEvent(state, event),
  }
  next.usage = usageOf(next, event)
  return Object.freeze(next)
}

/** Whether nothing with this number has been seen; what is older than the log is taken as seen. */
function isNew({ log, logDropped }: RunState, seq: number): boolean {
  if (seq > log.lastKey) return true
  const oldest = log.at(0)
  return !log.has(seq) && !(logDropped > 0 && oldest !== undefined && seq < oldest.seq)
}

/** The state in which a new life of the buffer begins: what belongs to the reader stays. */
function anew(state: RunState): RunState {
  const { connection, restarts, lastEventId, skewMs } = state
  return { ...initialState(state.run.randomId), connection, restarts, lastEventId, skewMs }
}

function withFacts({ run, log }: RunState, event: AgentEvent): RunFacts {
  const isEarliest = log.length === 0 || event.seq < (log.at(0)?.seq ?? 0)
  const facts = {
    ...run,
    status: runStatusAfter(run.status),
    firstEventAt: Math.min(event.timestamp, run.firstEventAt ?? event.timestamp),
    lastEventAt: Math.max(event.timestamp, run.lastEventAt ?? event.timestamp),
    ...(isEarliest && { traceId: event.traceId }),
  }
  if (event.type === 'run.start') {
    const { timestamp, input } = event
    // Its end knows better, and may have been seen before.
    const name = (run.endedAt !== undefined && run.name) || event.name
    return { ...facts, name, startedAt: timestamp, rootSpanId: rootIn(event), input }
  }
  if (event.type === 'run.end') {
    const { name = run.name, status, timestamp, duration, output, error } = event
    const rootSpanId = rootIn(event)
    return { ...facts, name, status, endedAt: timestamp, duration, rootSpanId, output, error }
  }
  return facts
}

function rootIn({ spanId }: AgentEvent): string | undefined {
  return spanId === NO_SPAN_ID ? undefined : spanId
}

function runStatusAfter(status: RunFacts['status']): RunFacts['status'] {
  return status === 'unknown' || status === 'stalled' ? 'running' : status
}

function withHeartbeat(state: RunState, beat: Heartbeat): RunState {
  const { serverTime, lastSeenAt, receivedAt } = beat
  const { run } = state
  const silent = lastSeenAt !== undefined && serverTime - lastSeenAt > STALLED_AFTER_MS
  const goesOn = run.status === 'running' || run.status === 'stalled'
  return Object.freeze({
    ...state,
    skewMs: serverTime - receivedAt,
    ...(goesOn && { run: { ...run, status: silent ? 'stalled' : 'running' } as const }),
  })
}

function withCall(sum: CallSum, { tokenUsage, cost }: LlmEnd): CallSum {
  return {
    calls: sum.calls + 1,
    tokenUsage: tokenUsage === null ? sum.tokenUsage : addUsage(sum.tokenUsage, tokenUsage),
    picoUsd: sum.picoUsd + Math.round((cost ?? 0) * 1e12),
    unpricedCalls: sum.unpricedCalls + (cost === null ? 1 : 0),
    unmeteredCalls: sum.unmeteredCalls + (tokenUsage === null ? 1 : 0),
  }
}

function usageOf({ usage, sum }: RunState, event: AgentEvent): RunUsage {
  if (event.type === 'run.end') {
    const { tokenUsage, cost, unpricedCalls, unmeteredCalls } = event
    return { tokenUsage, cost, unpricedCalls, unmeteredCalls, calls: sum.calls, final: true }
  }
  if (event.type !== 'agent.llm.end') return usage
  const { calls, picoUsd, ...rest } = sum
  if (usage.final) return { ...usage, calls }
  const cost = calls === rest.unpricedCalls ? null : picoUsd / 1e12
  return { ...rest, cost, calls, final: false }
}

function failureOf(event: AgentEvent): Failure | undefined {
  if (!('error' in event) || event.error === undefined) return undefined
  const { seq, spanId, error } = event
  return { seq, spanId, name: nameOf(event), error }
}

function nameOf(event: AgentEvent): string {
  if ('nodeName' in event) return event.nodeName
  if ('toolName' in event) return event.toolName
  return 'model' in event ? (event.model ?? '') : ''
}

function firstOf(a: Failure | undefined, b: Failure | undefined): Failure | undefined {
  if (a === undefined || b === undefined) return a ?? b
  return a.seq <= b.seq ? a : b
}
