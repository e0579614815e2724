import type { AgentEvent } from '../../event/agent-event.ts'

/** An event without what `script` adds. */
type Bare<E> = E extends AgentEvent
  ? Omit<E, 'seq' | 'randomId' | 'nodeId' | 'traceId' | 'timestamp'> & {
      readonly timestamp?: number
    }
  : never

export const TRACE_ID = '0af7651916cd43dd8448eb211c80319c'
export const USAGE = { inputTokens: 10, outputTokens: 5, totalTokens: 15 } as const
export const TOTALS = {
  tokenUsage: USAGE,
  cost: 0.25,
  unpricedCalls: 0,
  unmeteredCalls: 0,
} as const
const STARTED_AT = 1_700_000_000_000

/** An event as a script gives it. */
export type Step = Bare<AgentEvent>

/** The events of one run in their order: numbered, and a millisecond apart unless they say their time. */
export function script(...events: readonly Step[]): AgentEvent[] {
  return events.map((event, at) => ({
    seq: at + 1,
    randomId: 'run-scripted',
    nodeId: event.spanId,
    traceId: TRACE_ID,
    timestamp: STARTED_AT + at,
    ...event,
  }))
}
