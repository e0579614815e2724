import {
  AGENT_NAME,
  CONVERSATION_ID,
  REQUEST_MODEL,
  TOOL_CALL_ID,
  TOOL_NAME,
} from '../attributes.ts'
import type { Dialect, Findings, Recognised, SpanFacts, SpanRole } from './span-facts.ts'
import { jsonOf, numberOf, structureOf, textOf } from './values.ts'
import { wholeUsage } from './whole-usage.ts'

// https://code.claude.com/docs/en/monitoring-usage
const SCOPE = 'com.anthropic.claude_code.tracing'
const TYPE = 'span.type'
/** The event of a tool's span that has its result, if it is told to log that. */
const TOOL_OUTPUT = 'tool.output'

const ROLES: ReadonlyMap<unknown, SpanRole> = new Map<unknown, SpanRole>([
  ['interaction', 'agent'],
  ['llm_request', 'llm'],
  ['tool', 'tool'],
])

/** Claude Code and its Agent SDK, by the program's own tracing. */
export const claudeCode: Dialect = {
  keys: ['gen_ai.'],
  scopes: [SCOPE],

  recognise({ scope, attributes: a }): Recognised | null | undefined {
    if (scope !== SCOPE) return undefined
    const role = ROLES.get(a[TYPE])
    // What else it tells, asking for permission for one, is a part of a tool's call.
    if (role === undefined) return null
    return {
      dialect: claudeCode,
      role,
      name: nameOf(a, role),
      provider: role === 'llm' ? 'anthropic' : undefined,
      toolCallId: role === 'tool' ? textOf(a[TOOL_CALL_ID]) : undefined,
      input: inputOf(a, role),
    }
  },

  isPart: ({ scope, attributes: a }) => scope === SCOPE && a[TYPE] === 'tool.execution',

  conversation: (a) => a[CONVERSATION_ID],

  conclude({ attributes: a, events }, role): Findings {
    if (role === 'tool') {
      const told = events?.findLast(({ name }) => name === TOOL_OUTPUT)?.attributes
      return { output: jsonOf(told?.output) }
    }
    if (role !== 'llm') return {}
    const parts = {
      inputTokens: a.input_tokens,
      outputTokens: a.output_tokens,
      cacheReadTokens: a.cache_read_tokens,
      cacheWriteTokens: a.cache_creation_tokens,
    }
    return { usage: wholeUsage(parts, true), timeToFirstChunk: numberOf(a.ttft_ms) }
  },
}

function nameOf(a: SpanFacts['attributes'], role: SpanRole): string | undefined {
  if (role === 'tool') return textOf(a[TOOL_NAME]) ?? textOf(a.tool_name)
  if (role === 'llm') return textOf(a[REQUEST_MODEL]) ?? textOf(a.model)
  return textOf(a[AGENT_NAME]) ?? 'Claude Code'
}

function inputOf(a: SpanFacts['attributes'], role: SpanRole): unknown {
  if (role === 'agent') return a.user_prompt
  return role === 'tool' ? structureOf(a.tool_input) : undefined
}
