import {
  CONVERSATION_ID,
  REQUEST_MODEL,
  RESPONSE_MODEL,
  SYSTEM,
  TOOL_CALL_ID,
  TOOL_NAME,
} from '../attributes.ts'
import type { ErrorInfo } from '../event/agent-event.ts'
import { infoOf } from '../event/error-info.ts'
import type { TokenUsage } from '../event/usage.ts'
import { genai, usageOf } from './genai.ts'
import type { Dialect, Findings, Recognised, SpanFacts, SpanRole } from './span-facts.ts'
import { fieldsOf, numberOf, structureOf, textOf } from './values.ts'

// https://logfire.pydantic.dev/docs/reference/sql/
const TEMPLATE = 'logfire.msg_template'
const SPAN_TYPE = 'logfire.span_type'

// What Logfire's integration of the OpenAI Agents SDK, and of model clients, says that a span is.
const ROLES: readonly (readonly [string, SpanRole])[] = [
  ['Agent run: {name', 'agent'],
  ['Function: {name', 'tool'],
  ['Chat completion with {', 'llm'],
  ['Chat Completion with {', 'llm'],
  ['Responses API', 'llm'],
  ['OpenAI Agents trace: {name', 'workflow'],
]

// The names that pydantic-ai had before it took those of the conventions.
const OLD_NAMES: ReadonlyMap<string, SpanRole> = new Map<string, SpanRole>([
  ['agent run', 'agent'],
  ['running tool', 'tool'],
  ['running output function', 'tool'],
])

/** Logfire's integrations, and pydantic-ai, whose newer spans follow the GenAI conventions with a few keys more. */
export const logfire: Dialect = {
  keys: ['logfire.msg'],

  recognise(facts): Recognised | undefined {
    if (isPydanticAi(facts)) return recognisePydanticAi(facts)
    const a = facts.attributes
    const template = a[TEMPLATE]
    // A log line repeats the template of the call that it is about.
    if (typeof template !== 'string' || a[SPAN_TYPE] === 'log') return undefined
    const role = ROLES.find(([start]) => template.startsWith(start))?.[1]
    if (role === undefined) return undefined
    const isCall = role === 'llm'
    return {
      dialect: logfire,
      role,
      name: isCall ? (textOf(a[RESPONSE_MODEL]) ?? textOf(a[REQUEST_MODEL])) : textOf(a.name),
      provider: isCall ? textOf(a[SYSTEM]) : undefined,
      input: isCall ? requestOf(a) : structureOf(a.input),
    }
  },

  // What the Agents SDK calls a group is a conversation.
  conversation: (a) => a[CONVERSATION_ID] ?? a.group_id,

  conclude(facts, role): Findings {
    const a = facts.attributes
    if (isPydanticAi(facts)) {
      const found = genai.conclude(facts, role)
      return {
        ...found,
        usage: found.usage && withReasoning(found.usage, a),
        output: found.output ?? structureOf(a[role === 'tool' ? 'tool_response' : 'final_result']),
        cost: found.cost ?? (role === 'llm' ? numberOf(a['operation.cost']) : undefined),
      }
    }
    return {
      output: structureOf(a.output ?? a.response ?? a.response_data),
      usage: role === 'llm' ? usageOf(a) : undefined,
      cost: role === 'llm' ? numberOf(a['operation.cost']) : undefined,
      error: errorOf(a.error),
    }
  },
}

function isPydanticAi({ scope }: SpanFacts): boolean {
  return scope === 'pydantic-ai' || scope === 'pydantic_ai'
}

function recognisePydanticAi(facts: SpanFacts): Recognised | undefined {
  const a = facts.attributes
  const is = genai.recognise(facts)
  const oldRole = OLD_NAMES.get(facts.name)
  const role = is?.role ?? oldRole
  if (role === undefined) return undefined
  const isTool = role === 'tool'
  const oldName = textOf(a[isTool ? TOOL_NAME : 'agent_name'])
  return {
    ...is,
    dialect: logfire,
    role,
    name: oldRole === undefined ? is?.name : (oldName ?? facts.name),
    toolCallId: isTool ? textOf(a[TOOL_CALL_ID]) : undefined,
    input: is?.input ?? (isTool ? structureOf(a.tool_arguments) : questionOf(a)),
  }
}

/** What an agent was asked: of all its messages the new ones, up to its first own. */
function questionOf(a: SpanFacts['attributes']): unknown {
  const messages = structureOf(a['pydantic_ai.all_messages'])
  if (!Array.isArray(messages)) return undefined
  const asked = messages.slice(numberOf(a['pydantic_ai.new_message_index']) ?? 0)
  const own = asked.findIndex((message: unknown) => fieldsOf(message)?.role === 'assistant')
  return own === -1 ? asked : asked.slice(0, own)
}

/** pydantic-ai notes among the details what the conventions have a name for. */
function withReasoning(usage: TokenUsage, a: SpanFacts['attributes']): TokenUsage {
  const reasoningTokens =
    usage.reasoningTokens ?? numberOf(a['gen_ai.usage.details.reasoning_tokens'])
  return reasoningTokens === undefined ? usage : { ...usage, reasoningTokens }
}

function requestOf(a: SpanFacts['attributes']): unknown {
  const request = fieldsOf(a.request_data)
  return structureOf(a.raw_input) ?? request?.messages ?? request
}

/** `{ message, data }`, which the Agents SDK notes of a failure. */
function errorOf(value: unknown): ErrorInfo | undefined {
  const message = textOf(fieldsOf(value)?.message)
  return message === undefined ? undefined : infoOf('Error', message, undefined)
}
