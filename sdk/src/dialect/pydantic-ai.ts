import { TOOL_CALL_ARGUMENTS, TOOL_CALL_ID, TOOL_CALL_RESULT, TOOL_NAME } from '../attributes.ts'
import { genai } from './genai.ts'
import type { Dialect, Findings, Recognised, SpanFacts, SpanRole } from './span-facts.ts'
import { carriedCost, type UsageDetails, withDetails } from './usage-details.ts'
import { fieldsOf, numberOf, structureOf, textOf } from './values.ts'

// The names that it had before it took those of the conventions.
const OLD_NAMES: ReadonlyMap<string, SpanRole> = new Map<string, SpanRole>([
  ['agent run', 'agent'],
  ['running tool', 'tool'],
  ['running output function', 'tool'],
])

// For a year it had their names, but named no operation.
const NEW_NAME = /^(invoke_agent|execute_tool) (.+)$/s
const NEW_ROLES: Readonly<Record<string, SpanRole>> = {
  invoke_agent: 'agent',
  execute_tool: 'tool',
}

type Attributes = SpanFacts['attributes']

/** pydantic-ai, whose newer spans follow the GenAI conventions with a few keys more. */
export const pydanticAi: Dialect = {
  keys: ['pydantic_ai.', 'logfire.msg'],

  recognise(facts): Recognised | undefined {
    if (facts.scope !== 'pydantic-ai' && facts.scope !== 'pydantic_ai') return undefined
    const a = facts.attributes
    const is = genai.recognise(facts) ?? undefined
    const [, operation = '', named] = NEW_NAME.exec(facts.name) ?? []
    const role = is?.role ?? OLD_NAMES.get(facts.name) ?? NEW_ROLES[operation]
    if (role === undefined) return undefined
    const isTool = role === 'tool'
    const oldName = textOf(a[isTool ? TOOL_NAME : 'agent_name'])
    const given = isTool ? structureOf(a[TOOL_CALL_ARGUMENTS] ?? a.tool_arguments) : questionOf(a)
    return {
      ...is,
      dialect: pydanticAi,
      role,
      name: is === undefined ? (oldName ?? named ?? facts.name) : is.name,
      toolCallId: isTool ? textOf(a[TOOL_CALL_ID]) : undefined,
      input: is?.input ?? given,
    }
  },

  conclude(facts, role): Findings {
    const a = facts.attributes
    const found = genai.conclude(facts, role)
    const isTool = role === 'tool'
    return {
      ...found,
      usage: withDetails(found.usage, detailsOf(a)),
      output: found.output ?? structureOf(a[isTool ? 'tool_response' : 'final_result']),
      cost:
        found.cost ?? (role === 'llm' ? carriedCost(a['operation.cost'], found.usage) : undefined),
      // A tool that wants to be called again raises an error without a word, and answers what it wants.
      errorMessage: isTool ? (textOf(a[TOOL_CALL_RESULT]) ?? textOf(a.tool_response)) : undefined,
    }
  },
}

/** What an agent was asked: of all its messages the new ones, up to its first own. */
function questionOf(a: Attributes): unknown {
  const messages = structureOf(a['pydantic_ai.all_messages'])
  if (!Array.isArray(messages)) return undefined
  const asked = messages.slice(numberOf(a['pydantic_ai.new_message_index']) ?? 0)
  const own = asked.findIndex((message: unknown) => fieldsOf(message)?.role === 'assistant')
  return own === -1 ? asked : asked.slice(0, own)
}

/** It notes among the details what the conventions have a name for. */
function detailsOf(a: Attributes): UsageDetails {
  const detail = (name: string): number | undefined => numberOf(a[`gen_ai.usage.details.${name}`])
  return {
    cacheReadTokens: detail('cache_read_tokens') ?? detail('cached_tokens'),
    cacheWriteTokens: detail('cache_write_tokens'),
    reasoningTokens: detail('reasoning_tokens'),
  }
}
