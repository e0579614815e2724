import { LANGSMITH_KIND, REQUEST_MODEL, RESPONSE_MODEL, SYSTEM } from '../attributes.ts'
import type { TokenUsage } from '../event/usage.ts'
import { chainRole } from './chain.ts'
import { conversationField } from './conversation.ts'
import { usageOf } from './genai.ts'
import { answeredCall, plain, toolArguments, toolResult } from './langchain.ts'
import type { Dialect, Findings, Recognised, SpanFacts, SpanRole } from './span-facts.ts'
import { fieldsOf, structureOf, textOf, unwrapped } from './values.ts'
import { wholeUsage } from './whole-usage.ts'

// https://docs.langchain.com/langsmith/trace-with-opentelemetry
const TRACEABLE = 'langsmith.traceable'
const NAME = 'langsmith.trace.name'
const PROMPT = 'gen_ai.prompt'
const COMPLETION = 'gen_ai.completion'
// What its wrappers of model clients call their runs.
const MODEL_CLIENTS = /^(Azure)?(Chat)?(OpenAI|Anthropic|Google\w*|VertexAI|Bedrock\w*|Mistral\w*)$/
const METADATA = 'langsmith.metadata.'
const USAGE = 'langsmith.usage_metadata'

/** LangSmith's exporter. It takes prompts for chats and sums usage on chains, so its own kind decides. */
export const langsmith: Dialect = {
  keys: [LANGSMITH_KIND, TRACEABLE],

  recognise(facts): Recognised | null | undefined {
    const a = facts.attributes
    const kind = a[LANGSMITH_KIND]
    if (kind === undefined) return a[TRACEABLE] === undefined ? undefined : unfinished(facts)
    if (isAnothers(facts)) return unfinished(facts)
    const name = textOf(a[NAME]) ?? facts.name
    const role = roleOf(kind, name, facts)
    if (role === undefined) return null
    const isCall = role === 'llm'
    const isTool = role === 'tool'
    return {
      dialect: langsmith,
      leftOpen: true,
      role,
      name: isCall ? (textOf(a[RESPONSE_MODEL]) ?? textOf(a[REQUEST_MODEL])) : name,
      provider: isCall ? textOf(a[SYSTEM]) : undefined,
      toolCallId: isTool ? answeredCall(a[COMPLETION]) : undefined,
      input: isTool
        ? toolArguments(a[PROMPT])
        : plain(structureOf(unwrapped(a[PROMPT], ['input']))),
    }
  },

  // Its own "session" is the project; threads are told by metadata.
  conversation: (a) => conversationField(a, METADATA),

  conclude(facts, role): Findings {
    const a = facts.attributes
    const output = isAnothers(facts) ? undefined : a[COMPLETION]
    const isCall = role === 'llm' || a[LANGSMITH_KIND] === 'llm'
    return {
      recorded: isCall,
      output:
        role === 'tool'
          ? toolResult(output)
          : plain(structureOf(unwrapped(output, ['output', 'outputs']))),
      usage: isCall ? (detailedUsage(a) ?? usageOf(a)) : undefined,
    }
  },
}

/** A streamed call in JavaScript is told on the span that was active when it ended, and never ends its own. */
function isAnothers({ name, scope, attributes: a }: SpanFacts): boolean {
  return (
    scope === 'langsmith' &&
    a[LANGSMITH_KIND] === 'llm' &&
    textOf(a[NAME]) !== undefined &&
    a[NAME] !== name
  )
}

/** A run that goes on is known by its name alone: whether it is a tool, a model call or a step, only its end tells. */
function unfinished({ name, root }: SpanFacts): Recognised {
  const isCall = MODEL_CLIENTS.test(name)
  return {
    dialect: langsmith,
    leftOpen: true,
    role: isCall ? 'llm' : root === true ? 'workflow' : 'step',
    name: isCall ? undefined : name,
  }
}

function roleOf(kind: unknown, name: string, facts: SpanFacts): SpanRole | undefined {
  const { root, attributes: a } = facts
  switch (kind) {
    case 'llm':
    case 'tool':
    case 'agent':
      return kind
    case 'chain':
      return chainRole({
        name,
        root,
        agent: a['langsmith.metadata.lc_agent_name'],
        node: a['langsmith.metadata.langgraph_node'],
        output: a[COMPLETION],
      })
    default:
      return undefined
  }
}

function detailedUsage(a: SpanFacts['attributes']): TokenUsage | undefined {
  const usage = fieldsOf(a[USAGE]) ?? fieldsOf(a[`${METADATA}usage_metadata`])
  if (usage === undefined) return undefined
  const input = fieldsOf(usage.input_token_details)
  return wholeUsage({
    inputTokens: usage.input_tokens,
    outputTokens: usage.output_tokens,
    totalTokens: usage.total_tokens,
    cacheReadTokens: input?.cache_read,
    cacheWriteTokens: input?.cache_creation,
    reasoningTokens: fieldsOf(usage.output_token_details)?.reasoning,
  })
}
