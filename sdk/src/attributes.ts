/** The attribute keys of the OpenTelemetry conventions and our own. Those of one dialect alone stand in its file. */

// OpenTelemetry GenAI semantic conventions, https://github.com/open-telemetry/semantic-conventions-genai
export const OPERATION_NAME = 'gen_ai.operation.name'
export const PROVIDER_NAME = 'gen_ai.provider.name'
/** The old name of `gen_ai.provider.name`. */
export const SYSTEM = 'gen_ai.system'
export const AGENT_NAME = 'gen_ai.agent.name'
export const WORKFLOW_NAME = 'gen_ai.workflow.name'
export const TOOL_NAME = 'gen_ai.tool.name'
export const TOOL_CALL_ID = 'gen_ai.tool.call.id'
export const TOOL_CALL_ARGUMENTS = 'gen_ai.tool.call.arguments'
export const TOOL_CALL_RESULT = 'gen_ai.tool.call.result'
export const REQUEST_MODEL = 'gen_ai.request.model'
export const RESPONSE_ID = 'gen_ai.response.id'
export const RESPONSE_MODEL = 'gen_ai.response.model'
export const TIME_TO_FIRST_CHUNK = 'gen_ai.response.time_to_first_chunk'
export const CONVERSATION_ID = 'gen_ai.conversation.id'
export const INPUT_MESSAGES = 'gen_ai.input.messages'
export const OUTPUT_MESSAGES = 'gen_ai.output.messages'
export const USAGE_INPUT_TOKENS = 'gen_ai.usage.input_tokens'
export const USAGE_OUTPUT_TOKENS = 'gen_ai.usage.output_tokens'
export const USAGE_TOTAL_TOKENS = 'gen_ai.usage.total_tokens'
export const USAGE_CACHE_READ_TOKENS = 'gen_ai.usage.cache_read.input_tokens'
export const USAGE_CACHE_WRITE_TOKENS = 'gen_ai.usage.cache_write.input_tokens'
/** The old name of `gen_ai.usage.cache_write.input_tokens`. */
export const USAGE_CACHE_CREATION_TOKENS = 'gen_ai.usage.cache_creation.input_tokens'
export const USAGE_REASONING_TOKENS = 'gen_ai.usage.reasoning.output_tokens'
/** The old name of `gen_ai.usage.input_tokens`. */
export const USAGE_PROMPT_TOKENS = 'gen_ai.usage.prompt_tokens'
/** The old name of `gen_ai.usage.output_tokens`. */
export const USAGE_COMPLETION_TOKENS = 'gen_ai.usage.completion_tokens'

// What a LangSmith run is; its span has status OK even if it failed, and the exception as an event
export const LANGSMITH_KIND = 'langsmith.span.kind'

// Logfire's copies of spans that have only started
export const LOGFIRE_SPAN_TYPE = 'logfire.span_type'
export const LOGFIRE_PENDING_PARENT = 'logfire.pending_parent_id'

// OpenTelemetry general semantic conventions
export const ERROR_TYPE = 'error.type'
export const EXCEPTION_TYPE = 'exception.type'
export const EXCEPTION_MESSAGE = 'exception.message'
export const EXCEPTION_STACKTRACE = 'exception.stacktrace'
export const USER_ID = 'user.id'
export const SERVICE_NAME = 'service.name'

// What the conventions lack
/** The run's `randomId`; also the key of the W3C baggage entry that carries it. */
export const RUN_ID = 'spancast.run.id'
/** `true` on the span that `observeRun` opened: its start and end are the run's. */
export const RUN_ROOT = 'spancast.run.root'
/** The name given to the run. */
export const RUN_NAME = 'spancast.run.name'
export const RUN_TAGS = 'spancast.run.tags'
/** On the record of a run's end: that it has called other processes, which may still have to tell of it. */
export const RUN_CALLED_OUT = 'spancast.run.called_out'
export const RUN_CANCELLED = 'spancast.run.cancelled'
/** `agent`, `workflow` or `step`, where no GenAI operation says it. */
export const NODE_KIND = 'spancast.node.kind'
export const NODE_NAME = 'spancast.node.name'
/** A node id that the user gave. */
export const NODE_ID = 'spancast.node.id'
export const NAMESPACE = 'spancast.namespace'
export const INPUT = 'spancast.input'
export const OUTPUT = 'spancast.output'
export const CHUNK_COUNT = 'spancast.chunk.count'
/** US dollars that the caller gave. */
export const COST_USD = 'spancast.cost.usd'
/** `true` where usage or cost was recorded for this very span and does not repeat its children's. */
export const USAGE_RECORDED = 'spancast.usage.recorded'
/** A stream or promise that was dropped before it had ended. */
export const ABANDONED = 'spancast.abandoned'
/** A custom event's content on its span event, as JSON. */
export const EVENT_CONTENT = 'spancast.event.content'

// The live link's log records
/** The `event_name` of a sign of life; that of any other record is its event's `type`. */
export const HEARTBEAT = 'spancast.heartbeat'
/** Names whoever numbers the records of one run. */
export const SOURCE_ID = 'spancast.source.id'
/** The record's number: 1, 2, 3 ... per source and run. A sign of life carries the last one used. */
export const SOURCE_SEQ = 'spancast.source.seq'
/** The version of these records: 1. */
export const WIRE_VERSION = 'spancast.version'
/** The event as JSON. */
export const LIVE_EVENT = 'spancast.event'
