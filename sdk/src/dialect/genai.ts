import {
  AGENT_NAME,
  CONVERSATION_ID,
  COST_USD,
  INPUT,
  INPUT_MESSAGES,
  NAMESPACE,
  NODE_ID,
  NODE_KIND,
  NODE_NAME,
  OPERATION_NAME,
  OUTPUT,
  OUTPUT_MESSAGES,
  PROVIDER_NAME,
  REQUEST_MODEL,
  RESPONSE_ID,
  RESPONSE_MODEL,
  RUN_NAME,
  RUN_ROOT,
  SYSTEM,
  TIME_TO_FIRST_CHUNK,
  TOOL_CALL_ARGUMENTS,
  TOOL_CALL_ID,
  TOOL_CALL_RESULT,
  TOOL_NAME,
  USAGE_CACHE_CREATION_TOKENS,
  USAGE_CACHE_READ_TOKENS,
  USAGE_CACHE_WRITE_TOKENS,
  USAGE_COMPLETION_TOKENS,
  USAGE_INPUT_TOKENS,
  USAGE_OUTPUT_TOKENS,
  USAGE_PROMPT_TOKENS,
  USAGE_REASONING_TOKENS,
  USAGE_RECORDED,
  USAGE_TOTAL_TOKENS,
  WORKFLOW_NAME,
} from '../attributes.ts'
import type { TokenUsage } from '../event/usage.ts'
import { conversationField } from './conversation.ts'
import { answerIn, givenIn, resultIn } from './genai-events.ts'
import type { Dialect, Findings, Recognised, SpanFacts, SpanRole } from './span-facts.ts'
import { contentIn, numberOf, textOf } from './values.ts'
import { wholeUsage } from './whole-usage.ts'

// https://github.com/open-telemetry/semantic-conventions-genai, gen_ai.operation.name
const ROLES: ReadonlyMap<unknown, SpanRole> = new Map<unknown, SpanRole>([
  ['invoke_agent', 'agent'],
  ['create_agent', 'agent'],
  ['invoke_workflow', 'workflow'],
  // Strands' teams of agents.
  ['invoke_graph', 'workflow'],
  ['invoke_swarm', 'workflow'],
  ['plan', 'step'],
  ['execute_tool', 'tool'],
  ['chat', 'llm'],
  ['generate_content', 'llm'],
  ['text_completion', 'llm'],
  // Sentry's, of OpenAI's and Anthropic's newer calls.
  ['responses', 'llm'],
  ['messages', 'llm'],
])

// What Sentry puts under keys of its own: its kind of a span, `gen_ai.execute_tool`, and what a tool got and gave.
const SENTRY_OP = 'sentry.op'
const SENTRY_TOOL_INPUT = 'gen_ai.tool.input'
const SENTRY_TOOL_OUTPUT = 'gen_ai.tool.output'
const SENTRY_ASKED = 'gen_ai.request.messages'
const SENTRY_ANSWER = 'gen_ai.response.text'

type Attributes = SpanFacts['attributes']

/** The OpenTelemetry GenAI conventions, and the few keys of our own for what they lack. */
export const genai: Dialect = {
  keys: ['gen_ai.', 'spancast.'],

  recognise(facts): Recognised | undefined {
    const a = facts.attributes
    const role = roleOf(a)
    if (role === undefined) return undefined
    return {
      dialect: genai,
      role,
      name: nameOf(a, role, facts.name),
      provider: role === 'llm' ? (textOf(a[PROVIDER_NAME]) ?? textOf(a[SYSTEM])) : undefined,
      toolCallId: role === 'tool' ? textOf(a[TOOL_CALL_ID]) : undefined,
      nodeId: textOf(a[NODE_ID]),
      namespace: textOf(a[NAMESPACE]),
      input:
        contentIn(
          role === 'tool'
            ? (a[TOOL_CALL_ARGUMENTS] ?? a[INPUT] ?? a[SENTRY_TOOL_INPUT])
            : (a[INPUT_MESSAGES] ?? a[INPUT] ?? a[SENTRY_ASKED]),
        ) ?? givenIn(facts.events, role),
    }
  },

  // Else what version 7 of the AI SDK notes of the application's own context.
  conversation: (a) => a[CONVERSATION_ID] ?? conversationField(a, 'ai.settings.context.'),

  conclude(facts, role): Findings {
    const a = facts.attributes
    const firstChunk = numberOf(a[TIME_TO_FIRST_CHUNK])
    const recorded = a[USAGE_RECORDED] === true
    return {
      output:
        (role === 'tool'
          ? resultIn(a[TOOL_CALL_RESULT] ?? a[OUTPUT] ?? a[SENTRY_TOOL_OUTPUT])
          : contentIn(a[OUTPUT_MESSAGES] ?? a[OUTPUT] ?? a[SENTRY_ANSWER])) ??
        answerIn(facts.events, role),
      usage: role === 'llm' || recorded ? usageOf(a) : undefined,
      cost: numberOf(a[COST_USD]),
      timeToFirstChunk: firstChunk === undefined ? undefined : firstChunk * 1000,
      responseId: role === 'llm' ? textOf(a[RESPONSE_ID]) : undefined,
      recorded,
    }
  },
}

function roleOf(a: Attributes): SpanRole | undefined {
  const operation = a[OPERATION_NAME] ?? textOf(a[SENTRY_OP])?.replace('gen_ai.', '')
  if (operation !== undefined) {
    const role = ROLES.get(operation)
    return role === 'workflow' && a[RUN_ROOT] === true ? 'run' : role
  }
  return a[NODE_KIND] === 'step' ? 'step' : undefined
}

function nameOf(a: Attributes, role: SpanRole, spanName: string): string | undefined {
  switch (role) {
    case 'agent':
      return textOf(a[AGENT_NAME]) ?? agentOf(spanName, a)
    case 'tool':
      return textOf(a[TOOL_NAME]) ?? afterOperation(spanName)
    case 'llm':
      return textOf(a[RESPONSE_MODEL]) ?? textOf(a[REQUEST_MODEL])
    case 'run':
      return textOf(a[RUN_NAME]) ?? textOf(a[WORKFLOW_NAME]) ?? afterOperation(spanName)
    case 'workflow':
      return textOf(a[WORKFLOW_NAME]) ?? afterOperation(spanName)
    case 'step':
      return textOf(a[NODE_NAME]) ?? textOf(a[AGENT_NAME]) ?? spanName
  }
}

/** `invoke_agent Researcher` is named `Researcher`. */
function afterOperation(spanName: string): string {
  const match = /^[a-z]+_[a-z]+ (.+)$/.exec(spanName)
  return match?.[1] ?? spanName
}

/** Some name the span of an agent without a name after its model. */
function agentOf(spanName: string, a: Attributes): string | undefined {
  const name = afterOperation(spanName)
  return name === a[REQUEST_MODEL] ? undefined : name
}

/**
 * Usage under the keys of the conventions, old and new, and under what others made of them.
 *
 * @param apart - Whether cached tokens stand beside the input and not in it. Default: if they are more than it.
 */
export function usageOf(a: Attributes, apart?: boolean): TokenUsage | undefined {
  const parts = {
    inputTokens: a[USAGE_INPUT_TOKENS] ?? a[USAGE_PROMPT_TOKENS],
    outputTokens: a[USAGE_OUTPUT_TOKENS] ?? a[USAGE_COMPLETION_TOKENS],
    totalTokens: a[USAGE_TOTAL_TOKENS],
    cacheReadTokens:
      a[USAGE_CACHE_READ_TOKENS] ??
      a['gen_ai.usage.cache_read_input_tokens'] ??
      a['gen_ai.usage.cached_input_tokens'] ??
      a['gen_ai.usage.input_tokens.cached'],
    cacheWriteTokens:
      a[USAGE_CACHE_WRITE_TOKENS] ??
      a[USAGE_CACHE_CREATION_TOKENS] ??
      a['gen_ai.usage.cache_creation_input_tokens'] ??
      a['gen_ai.usage.input_tokens.cache_write'],
    reasoningTokens:
      a[USAGE_REASONING_TOKENS] ??
      a['gen_ai.usage.reasoning_tokens'] ??
      a['llm.usage.reasoning_tokens'] ??
      a['gen_ai.usage.output_tokens.reasoning'] ??
      // Of the AI SDK 7, if asked for.
      a['ai.usage.outputTokenDetails.reasoningTokens'],
  }
  return wholeUsage(parts, apart)
}
