export { type ContentOptions, configure, type SinkRules } from './context/content-rules.ts'
export {
  getObservationContext,
  type ObservationContext,
  withObservationContext,
} from './context/observation-context.ts'
export { SpancastError, type SpancastErrorCode } from './errors.ts'
export type {
  AgentEnd,
  AgentError,
  AgentEvent,
  AgentMoved,
  AgentStart,
  Chunk,
  ChunkKind,
  ControlRecord,
  CustomEvent,
  ErrorInfo,
  EventBase,
  LlmEnd,
  LlmStart,
  NodeKind,
  RunEnd,
  RunStart,
  RunStatus,
  StreamEnd,
  StreamGap,
  ToolEnd,
  ToolStart,
} from './event/agent-event.ts'
export { type ContentRules, SECRET_KEYS } from './event/content.ts'
export type { RunSummary } from './event/run-summary.ts'
export type { TokenUsage, Totals } from './event/usage.ts'
export type { AgentObjectOptions } from './observe/agent-object.ts'
export type { ObserveKind, ObserveOptions } from './observe/call-spec.ts'
export { emit, emitChunk, emitProgress, recordCost, recordUsage } from './observe/emit.ts'
export {
  emitAgentEnd,
  emitAgentError,
  emitAgentStart,
  emitAgentToolEnd,
  emitAgentToolStart,
} from './observe/emitters.ts'
export { EventStreamer, type StreamEvent, type StreamSubscriber } from './observe/event-streamer.ts'
export { observe } from './observe/observe.ts'
export { type ObserveRunOptions, observeRun, type RunHandle } from './observe/observe-run.ts'
export { AgentObserver, type AgentObserverOptions } from './observer/agent-observer.ts'
export type { AgentEventInput } from './observer/event-input.ts'
export type { RunLimits } from './observer/limits.ts'
export { ObserverRegistry } from './observer/observer-registry.ts'
export { createRandomId } from './observer/random-id.ts'
export type { PricedCall, Prices } from './prices/prices.ts'
export {
  AgentEventProcessor,
  type AgentEventProcessorOptions,
} from './processor/agent-event-processor.ts'
export type { JoinRuns } from './processor/run-naming.ts'
export type { RunBy } from './run/conversation.ts'
export { liveSampler, type SamplerLike } from './setup/live-sampler.ts'
