import { infoOf } from '../event/error-info.ts'
import type { TokenUsage } from '../event/usage.ts'
import { type ChainNotes, chainRole } from './chain.ts'
import { conversationField } from './conversation.ts'
import { answeredCall, isPlumbing, plain, toolArguments, toolResult } from './langchain.ts'
import type { Dialect, Findings, Recognised, SpanFacts, SpanRole } from './span-facts.ts'
import { argumentsIn, fieldsOf, jsonOf, numberOf, structureOf, textOf } from './values.ts'
import { wholeUsage } from './whole-usage.ts'

// https://langfuse.com/integrations/native/opentelemetry
const TYPE = 'langfuse.observation.type'
const INPUT = 'langfuse.observation.input'
const OUTPUT = 'langfuse.observation.output'
const MODEL = 'langfuse.observation.model.name'
const USAGE = 'langfuse.observation.usage_details'
const LEVEL = 'langfuse.observation.level'
const STATUS_MESSAGE = 'langfuse.observation.status_message'
const COST = 'langfuse.observation.cost_details'
const METADATA = 'langfuse.observation.metadata.'

/** Langfuse's own SDKs, and LangChain through them. */
export const langfuse: Dialect = {
  keys: [TYPE],

  recognise(facts): Recognised | undefined {
    const a = facts.attributes
    const type = a[TYPE]
    if (type === undefined) return undefined
    const role = roleOf(type, facts)
    if (role === undefined) return undefined
    return {
      dialect: langfuse,
      role,
      name: role === 'llm' ? textOf(a[MODEL]) : facts.name,
      toolCallId: role === 'tool' ? answeredCall(a[OUTPUT]) : undefined,
      input: role === 'tool' ? toolArguments(argumentsIn(a[INPUT])) : plain(structureOf(a[INPUT])),
    }
  },

  // The session that the application has set; else what LangGraph, for one, notes among the metadata.
  conversation: (a) =>
    a['session.id'] ?? a['langfuse.session.id'] ?? jsonOf(conversationField(a, METADATA)),

  conclude({ attributes: a }, role): Findings {
    const usage = role === 'llm' ? usageOf(a[USAGE]) : undefined
    return {
      output: role === 'tool' ? toolResult(a[OUTPUT]) : plain(structureOf(a[OUTPUT])),
      usage,
      cost: role === 'llm' ? costOf(a[COST], usage) : undefined,
      error: a[LEVEL] === 'ERROR' ? infoOf('Error', a[STATUS_MESSAGE], undefined) : undefined,
    }
  },
}

function roleOf(type: unknown, facts: SpanFacts): SpanRole | undefined {
  const { name, root, attributes: a } = facts
  switch (type) {
    case 'agent':
    case 'tool':
      return type
    case 'generation':
      return 'llm'
    case 'chain':
      return chainRole({ name, root, ...notesOf(a) })
    case 'span':
      // What LangChain runs bears this type in JavaScript, as all does that has none.
      if (!isChain(facts)) return undefined
      return roleInTools(facts) ?? chainRole({ name, root, ...notesOf(a) })
    default:
      return undefined
  }
}

function isChain({ name, attributes: a }: SpanFacts): boolean {
  const { agent, node } = notesOf(a)
  return agent !== undefined || node !== undefined || name === 'LangGraph'
}

/** What runs in the node of an agent's tools: another agent, which is given messages, or a tool, a span in version 4. */
function roleInTools({ name, attributes: a }: SpanFacts): SpanRole | undefined {
  const { agent, node } = notesOf(a)
  const isInside = agent !== undefined && node === 'tools'
  if (!isInside || name === 'LangGraph' || isPlumbing(name)) return undefined
  return fieldsOf(a[INPUT])?.messages === undefined ? 'tool' : 'agent'
}

function notesOf(a: SpanFacts['attributes']): Pick<ChainNotes, 'agent' | 'node' | 'output'> {
  return {
    // In Python its values are JSON.
    agent: jsonOf(a[`${METADATA}lc_agent_name`]),
    node: jsonOf(a[`${METADATA}langgraph_node`]),
    output: a[OUTPUT],
  }
}

/** Details stand beside `input` and `output`, mostly subtracted from them: the total tells. */
function usageOf(value: unknown): TokenUsage | undefined {
  const u = fieldsOf(value)
  if (u === undefined) return undefined
  const input = numberOf(u.input ?? u.input_tokens ?? u.prompt_tokens ?? u.promptTokens)
  const output = numberOf(u.output ?? u.output_tokens ?? u.completion_tokens ?? u.completionTokens)
  const total = numberOf(u.total ?? u.total_tokens ?? u.totalTokens)
  const isWhole = total !== undefined && (input ?? 0) + (output ?? 0) === total
  const inputDetails = fieldsOf(u.prompt_tokens_details) ?? fieldsOf(u.input_tokens_details)
  const outputDetails = fieldsOf(u.completion_tokens_details) ?? fieldsOf(u.output_tokens_details)
  return wholeUsage({
    inputTokens: isWhole ? input : sumOf(u, 'input_', input),
    outputTokens: isWhole ? output : sumOf(u, 'output_', output),
    totalTokens: total,
    cacheReadTokens:
      u.input_cache_read ??
      u.input_cached_tokens ??
      u.cache_read_input_tokens ??
      inputDetails?.cached_tokens,
    cacheWriteTokens: u.input_cache_creation ?? u.cache_creation_input_tokens,
    reasoningTokens:
      u.output_reasoning ?? u.output_reasoning_tokens ?? outputDetails?.reasoning_tokens,
  })
}

function sumOf(
  fields: Readonly<Record<string, unknown>>,
  prefix: string,
  own: number | undefined,
): number | undefined {
  let sum = own
  for (const [key, value] of Object.entries(fields)) {
    const detail = key.startsWith(prefix) ? numberOf(value) : undefined
    if (detail !== undefined) sum = (sum ?? 0) + detail
  }
  return sum
}

function costOf(value: unknown, usage: TokenUsage | undefined): number | undefined {
  const cost = fieldsOf(value)
  if (cost === undefined) return undefined
  const total = numberOf(cost.total)
  // Of a call that failed it knows no usage, and takes nothing for its price.
  if (total === 0 && usage === undefined) return undefined
  if (total !== undefined) return total
  const parts = Object.values(cost).filter((part) => numberOf(part) !== undefined)
  return parts.length === 0 ? undefined : parts.reduce((sum: number, part) => sum + Number(part), 0)
}
