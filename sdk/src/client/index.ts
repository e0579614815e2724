export type {
  AgentEvent,
  ControlRecord,
  ErrorInfo,
  RunEnd,
  RunStatus,
  StreamEnd,
  StreamGap,
} from '../event/agent-event.ts'
export type { RunSummary } from '../event/run-summary.ts'
export type { TokenUsage, Totals } from '../event/usage.ts'
export {
  type CallOptions,
  type Client,
  type ClientOptions,
  createClient,
  type ExportOptions,
  type InvokeOptions,
  type ListOptions,
  type WorkflowInfo,
} from './create-client.ts'
export {
  AuthError,
  ClientError,
  GapError,
  HttpError,
  ProtocolError,
  RunExpiredError,
  RunNotFoundError,
  StreamLostError,
  UnreachableError,
} from './errors.ts'
export { missingIn } from './state/gaps.ts'
export { type Heartbeat, type RunRecord, reduce } from './state/reduce.ts'
export {
  type Connection,
  type EventGap,
  type Failure,
  initialState,
  isOver,
  MAX_LOG,
  MAX_SPANS,
  type RunFacts,
  type RunState,
  type RunUsage,
} from './state/run-state.ts'
export { ownText, runText } from './state/run-text.ts'
export type { SortedList } from './state/sorted-list.ts'
export { spanStatus, walk } from './state/span-index.ts'
export { MAX_TEXT, type SpanKind, type SpanState } from './state/span-state.ts'
export type { SpanTable } from './state/span-table.ts'
export type { LiveStore } from './store/live-store.ts'
export { type RunStore, watchRun } from './store/watch-run.ts'
export { type RunListState, type RunListStore, watchRuns } from './store/watch-runs.ts'
export type { FollowOptions, RetryOptions } from './stream/follow.ts'
export type { StreamRecord } from './stream/record.ts'
export type { EventsOptions, RunStream } from './stream/run-stream.ts'
