/** What the bridge builds on. No promise is made about these names: they may change with any release. */

export {
  ERROR_TYPE,
  EVENT_CONTENT,
  EXCEPTION_MESSAGE,
  EXCEPTION_STACKTRACE,
  EXCEPTION_TYPE,
  LANGSMITH_KIND,
  LIVE_EVENT,
  LOGFIRE_SPAN_TYPE,
  RUN_CALLED_OUT,
  RUN_ID,
  SOURCE_ID,
  SOURCE_SEQ,
  WIRE_VERSION,
} from './attributes.ts'
export type {
  CollectedEvent,
  CollectedSpan,
  LinkEvent,
  LinkRecord,
  OtherSpan,
  SpanPlace,
} from './collect/collected-span.ts'
export { idOfWords } from './collect/id-words.ts'
export { type OtherSpans, SPAN_WORDS, TRACE_WORDS, writeIds } from './collect/other-spans.ts'
export type { SpanBundle } from './collect/span-bundle.ts'
export {
  type CollectorCounts,
  SpanCollector,
  type SpanCollectorOptions,
} from './collect/span-collector.ts'
export { conversationsOf } from './collect/trace-conversations.ts'
export { activeRegistry } from './context/active-registry.ts'
export { contentRules } from './context/content-rules.ts'
export { anyDialect, classify } from './dialect/classify.ts'
export { mayBeCopiedError } from './dialect/copied-error.ts'
export { contentIn } from './dialect/values.ts'
export { infoOf, publishError } from './event/error-info.ts'
export { isEventType } from './event/event-type.ts'
export { type EntryListener, isTalk } from './observer/agent-observer.ts'
export type { Entry } from './observer/entry.ts'
export { NO_TRACE_ID } from './observer/event-input.ts'
export type { Gap, Kept } from './observer/event-log.ts'
export { DEFAULT_RUN_LIMITS, runLimits } from './observer/limits.ts'
export type { RegistryListener } from './observer/observer-registry.ts'
export { isRandomId } from './observer/random-id.ts'
export { priceLists } from './prices/price-lists.ts'
export { askedUpdates } from './prices/price-updates.ts'
export { RunAssembler } from './run/run-assembler.ts'
export { SCOPE_NAME } from './version.ts'
