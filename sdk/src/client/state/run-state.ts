import type { AgentEvent, ErrorInfo, RunStatus, StreamGap } from '../../event/agent-event.ts'
import type { TokenUsage, Totals } from '../../event/usage.ts'
import { SortedList } from './sorted-list.ts'
import { SpanTable } from './span-table.ts'

/** How the reading of a run stands. Apart from the run's own status: a run goes on while nobody is connected. */
export type Connection =
  | { readonly state: 'idle' | 'connecting' | 'open' | 'paused' | 'closed' }
  | {
      readonly state: 'reconnecting'
      /** 1 for the first try after a loss. */
      readonly attempt: number
      /** When the next try begins, in milliseconds since the Unix epoch by this machine's clock. */
      readonly nextAt: number
    }
  | { readonly state: 'failed'; readonly error: Error }

/** The run itself. Times are milliseconds since the Unix epoch by the clocks of those who observed. */
export interface RunFacts {
  readonly randomId: string
  /** Empty while it is not known. */
  readonly name: string
  /**
   * `unknown` before the first event; `stalled` if the bridge has said for 45 s that the run gives no sign of life;
   * else what `run.end` says.
   */
  readonly status: 'unknown' | 'running' | 'stalled' | RunStatus
  readonly startedAt: number | undefined
  readonly endedAt: number | undefined
  readonly duration: number | undefined
  /** The earliest and the latest time that an event tells. */
  readonly firstEventAt: number | undefined
  readonly lastEventAt: number | undefined
  /** The trace of the run's first event. */
  readonly traceId: string | undefined
  /** The span that opened the run, if one did. */
  readonly rootSpanId: string | undefined
  readonly input: unknown
  readonly output: unknown
  readonly error: ErrorInfo | undefined
}

/** What the run's model calls add up to. */
export interface RunUsage extends Totals {
  /** Model calls that have ended. */
  readonly calls: number
  /** Whether `run.end` has told the totals; else they are those of the calls that were seen. */
  readonly final: boolean
}

/** A failed span, or the run if none failed. */
export interface Failure {
  readonly seq: number
  readonly spanId: string
  /** Of the node, tool, model or run. */
  readonly name: string
  readonly error: ErrorInfo
}

/** Events `from..to` were overwritten before they could be read; some of them may have survived. */
export type EventGap = Omit<Extract<StreamGap, { reason: 'overwritten' }>, 'type'>

/** Everything that is known of a run: the value that `reduce` takes on. Never changes. */
export interface RunState {
  readonly connection: Connection
  readonly run: RunFacts
  /** `MAX_SPANS` at most. */
  readonly spans: SpanTable
  /** Spans without a known parent, in the order in which they were first seen. */
  readonly rootIds: SortedList<string>
  /** Started and not ended, in the order of their starts: the last is what is going on now. */
  readonly openIds: SortedList<string>
  /** Failed, in the order of their ends. */
  readonly errorIds: SortedList<string>
  /** Those that streamed text, in the order in which they began to. */
  readonly textIds: SortedList<string>
  /** The newest events by `seq`, `MAX_LOG` at most. */
  readonly log: SortedList<AgentEvent>
  /** Events of spans that there was no room for. */
  readonly unplaced: number
  /** Older events that `log` let go. */
  readonly logDropped: number
  readonly usage: RunUsage
  /** The failure with the lowest `seq`: most often the cause of the others. */
  readonly firstError: Failure | undefined
  /** What is missing. Gaps that touch are one. */
  readonly gaps: readonly EventGap[]
  /** How often the run's buffer began anew, as when the bridge was restarted. */
  readonly restarts: number
  /** Whether the buffer has begun anew and nothing of it has come yet: what is here is the old one. */
  readonly stale: boolean
  /** The id to resume after. */
  readonly lastEventId: string | undefined
  /** Add it to this machine's clock to get the bridge's, in milliseconds. 0 while it is not known. */
  readonly skewMs: number
  /** What the running totals are made of. For the reducer. */
  readonly sum: CallSum
}

/** Sums that do not depend on the order in which they were added up. */
export interface CallSum {
  readonly calls: number
  readonly tokenUsage: TokenUsage
  /** Millionths of a millionth of a dollar: whole, since sums of fractions depend on their order. */
  readonly picoUsd: number
  readonly unpricedCalls: number
  readonly unmeteredCalls: number
}

/** The span of events that happened in none. */
export const NO_SPAN_ID = '0000000000000000'

/** Spans kept in `RunState.spans`. Events of further ones are in the log alone. */
export const MAX_SPANS = 50_000

/** Events kept in `RunState.log`. */
export const MAX_LOG = 20_000

/** A run of which nothing is known. */
export function initialState(randomId: string): RunState {
  const tokenUsage = { inputTokens: 0, outputTokens: 0, totalTokens: 0 }
  return Object.freeze({
    connection: { state: 'idle' } as const,
    run: {
      randomId,
      name: '',
      status: 'unknown' as const,
      startedAt: undefined,
      endedAt: undefined,
      duration: undefined,
      firstEventAt: undefined,
      lastEventAt: undefined,
      traceId: undefined,
      rootSpanId: undefined,
      input: undefined,
      output: undefined,
      error: undefined,
    },
    spans: SpanTable.empty(),
    rootIds: SortedList.of<string>(),
    openIds: SortedList.of<string>(),
    errorIds: SortedList.of<string>(),
    textIds: SortedList.of<string>(),
    log: SortedList.of<AgentEvent>(),
    unplaced: 0,
    logDropped: 0,
    usage: { tokenUsage, cost: 0, unpricedCalls: 0, unmeteredCalls: 0, calls: 0, final: false },
    firstError: undefined,
    gaps: [],
    restarts: 0,
    stale: false,
    lastEventId: undefined,
    skewMs: 0,
    sum: { calls: 0, tokenUsage, picoUsd: 0, unpricedCalls: 0, unmeteredCalls: 0 },
  })
}

/** Whether that is how a run has ended. */
export function isOver(status: RunFacts['status']): status is RunStatus {
  return status !== 'unknown' && status !== 'running' && status !== 'stalled'
}
