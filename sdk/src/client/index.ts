export type {
  AgentEvent,
  ControlRecord,
  ErrorInfo,
  RunStatus,
  StreamEnd,
  StreamGap,
} from '../event/agent-event.ts'
export type { RunSummary } from '../event/run-summary.ts'
export type { TokenUsage, Totals } from '../event/usage.ts'
export { missingIn } from './state/gaps.ts'
export { type Heartbeat, type RunRecord, reduce } from './state/reduce.ts'
export {
  type Connection,
  type EventGap,
  type Failure,
  initialState,
  isOver,
  MAX_LOG,
  type RunFacts,
  type RunState,
  type RunUsage,
} from './state/run-state.ts'
export type { SortedList } from './state/sorted-list.ts'
export { spanStatus, walk } from './state/span-index.ts'
export type { SpanKind, SpanState } from './state/span-state.ts'
export type { SpanTable } from './state/span-table.ts'
