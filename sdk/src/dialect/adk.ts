import {
  AGENT_NAME,
  CONVERSATION_ID,
  OPERATION_NAME,
  REQUEST_MODEL,
  RESPONSE_MODEL,
  TOOL_CALL_ARGUMENTS,
  TOOL_CALL_ID,
  TOOL_NAME,
} from '../attributes.ts'
import type { ErrorInfo } from '../event/agent-event.ts'
import { infoOf } from '../event/error-info.ts'
import type { TokenUsage } from '../event/usage.ts'
import { genai, usageOf } from './genai.ts'
import type { Dialect, Findings, Recognised, SpanFacts, SpanRole } from './span-facts.ts'
import { contentIn, fieldsOf, numberOf, textOf } from './values.ts'
import { wholeUsage } from './whole-usage.ts'

// https://google.github.io/adk-docs/observability/traces/
const SCOPE = 'gcp.vertex.agent'
const ARGUMENTS = 'gcp.vertex.agent.tool_call_args'
const RESPONSE = 'gcp.vertex.agent.tool_response'
const REQUEST = 'gcp.vertex.agent.llm_request'
const ANSWER = 'gcp.vertex.agent.llm_response'
const SESSION_ID = 'gcp.vertex.agent.session_id'

// Its attributes come with the end, or a while after the start: until then the name says what a span is.
const NAMED = /^(?:(invoke_agent|agent_run|execute_tool) \[?(.*?)\]?|(call_llm))$/
const ROLES: Readonly<Record<string, SpanRole>> = {
  invoke_agent: 'agent',
  agent_run: 'agent',
  execute_tool: 'tool',
  call_llm: 'llm',
}
/** What it puts beside the calls of one turn, for all their results together. */
const MERGED = '(merged'

const NESTED = 'gen_ai.workflow.nested'

/** Google's Agent Development Kit. */
export const adk: Dialect = {
  keys: ['gcp.vertex.agent.'],
  scopes: [SCOPE],

  recognise(facts): Recognised | null | undefined {
    if (facts.scope !== SCOPE) return undefined
    // An agent that is called as a tool has a workflow of its own, which holds nothing but the agent.
    if (facts.attributes[NESTED] === true) return null
    const [, operation, subject, call] = NAMED.exec(facts.name) ?? []
    const role = ROLES[operation ?? call ?? '']
    // What else it tells by an operation is as the conventions say.
    if (role === undefined) return genai.recognise(facts)
    if (subject?.startsWith(MERGED) === true) return null
    const a = facts.attributes
    return {
      dialect: adk,
      role,
      name: nameOf(a, role) ?? subject,
      provider: role === 'llm' ? providerOf(a) : undefined,
      toolCallId: role === 'tool' ? textOf(a[TOOL_CALL_ID]) : undefined,
      input: inputOf(a, role),
    }
  },

  conversation: (a) => a[CONVERSATION_ID] ?? a[SESSION_ID],

  conclude(facts, role): Findings {
    const a = facts.attributes
    const found = genai.conclude(facts, role)
    if (role === 'tool') return { ...found, output: found.output ?? contentIn(a[RESPONSE]) }
    if (role !== 'llm') return found
    const answer = fieldsOf(a[ANSWER])
    return {
      ...found,
      output: answer?.content,
      usage: detailedUsage(answer?.usageMetadata ?? answer?.usage_metadata) ?? usageOf(a),
      error: errorOf(answer),
    }
  },
}

function nameOf(a: SpanFacts['attributes'], role: SpanRole): string | undefined {
  if (role === 'tool') return textOf(a[TOOL_NAME])
  if (role === 'llm') return textOf(a[RESPONSE_MODEL]) ?? textOf(a[REQUEST_MODEL])
  return a[OPERATION_NAME] === undefined ? undefined : textOf(a[AGENT_NAME])
}

/** Its own models are Google's; those of others have their provider in their name. */
function providerOf(a: SpanFacts['attributes']): string | undefined {
  return textOf(a[REQUEST_MODEL])?.startsWith('gemini') === true ? 'google' : undefined
}

function inputOf(a: SpanFacts['attributes'], role: SpanRole): unknown {
  if (role === 'tool') return contentIn(a[TOOL_CALL_ARGUMENTS] ?? a[ARGUMENTS])
  return role === 'llm' ? fieldsOf(a[REQUEST])?.contents : undefined
}

/** As Google's API tells it, in the words of either language. */
function detailedUsage(value: unknown): TokenUsage | undefined {
  const usage = fieldsOf(value)
  if (usage === undefined) return undefined
  const said = numberOf(usage.candidatesTokenCount ?? usage.candidates_token_count)
  const thought = numberOf(usage.thoughtsTokenCount ?? usage.thoughts_token_count)
  return wholeUsage({
    inputTokens: usage.promptTokenCount ?? usage.prompt_token_count,
    // Thoughts are told beside what was said.
    outputTokens: said === undefined ? thought : said + (thought ?? 0),
    totalTokens: usage.totalTokenCount ?? usage.total_token_count,
    cacheReadTokens: usage.cachedContentTokenCount ?? usage.cached_content_token_count,
    reasoningTokens: thought,
  })
}

function errorOf(answer: Readonly<Record<string, unknown>> | undefined): ErrorInfo | undefined {
  const code = answer?.errorCode ?? answer?.error_code
  if (code === undefined || code === null) return undefined
  return infoOf(String(code), answer?.errorMessage ?? answer?.error_message, undefined)
}
