import type { TokenUsage } from '../event/usage.ts'
import { chainRole, isAgent } from './chain.ts'
import { conversationField } from './conversation.ts'
import { answered, answeredCall, asked, plain, toolArguments, toolResult } from './langchain.ts'
import { frameworkName, isAgentChain, isFrameworkPart } from './openinference-frameworks.ts'
import type { Dialect, Findings, Recognised, SpanFacts, SpanRole } from './span-facts.ts'
import { argumentsIn, fieldsOf, jsonOf, numberOf, structureOf, textOf } from './values.ts'
import { wholeUsage } from './whole-usage.ts'

// https://github.com/Arize-ai/openinference/blob/main/spec/semantic_conventions.md
const KIND = 'openinference.span.kind'
const AGENT_NAME = 'agent.name'
const NODE_ID = 'graph.node.id'
const NODE_NAME = 'graph.node.name'
const TOOL_NAME = 'tool.name'
const TOOL_ID = 'tool.id'
const TOOL_CALL_ID = 'tool_call.id'
const TOOL_PARAMETERS = 'tool.parameters'
const MODEL = 'llm.model_name'
const PROVIDER = 'llm.provider'
const SYSTEM = 'llm.system'
const INPUT = 'input.value'
const INPUT_TYPE = 'input.mime_type'
const OUTPUT = 'output.value'
const OUTPUT_TYPE = 'output.mime_type'
const PYTHON_LANGCHAIN = 'openinference.instrumentation.langchain'
const METADATA = 'metadata'
const TOTAL_TOKENS = 'llm.token_count.total'
const PARAMETERS = 'llm.invocation_parameters'

/** Version 7 of the AI SDK speaks the GenAI conventions; OpenInference's processor puts its own keys beside them. */
const AI_SDK = 'gen_ai'

/** What the OpenAI Agents SDK calls a trace, or the one task of a trace, that was given no name. */
const UNNAMED = 'Agent workflow'
/** What it puts between an agent and its model calls. */
const TURN = 'turn'

type Attributes = SpanFacts['attributes']

/** OpenInference: Arize's instrumentations and wrappers, of Phoenix and others. */
export const openinference: Dialect = {
  keys: [KIND],

  recognise(facts): Recognised | null | undefined {
    const a = facts.attributes
    const kind = a[KIND]
    if (kind === undefined || facts.scope === AI_SDK) return undefined
    if (isFrameworkPart(facts)) return null
    const role = roleOf(kind, facts)
    if (role === undefined) return null
    const isTool = role === 'tool'
    return {
      dialect: openinference,
      role,
      name: nameOf(facts, role),
      provider: role === 'llm' ? (textOf(a[PROVIDER]) ?? textOf(a[SYSTEM])) : undefined,
      toolCallId: isTool ? toolCallOf(facts) : undefined,
      input: isTool ? argumentsOf(facts) : inputOf(facts, role),
      leftOpen: isLeftOpen(facts, role),
    }
  },

  // The session that the application has set; else what LangGraph, for one, notes among the metadata.
  conversation: (a) => a['session.id'] ?? conversationField(fieldsOf(a[METADATA])),

  conclude(facts, role): Findings {
    const a = facts.attributes
    // It alone knows what the calls of the program behind it came to.
    const recorded = role === 'agent' && isClaudeAgent(facts)
    const counts = role === 'llm' || recorded
    return {
      output: outputOf(facts, role),
      usage: counts ? usageOf(a) : undefined,
      cost: counts ? costOf(a) : undefined,
      recorded: recorded && a[TOTAL_TOKENS] !== undefined,
    }
  },
}

function roleOf(kind: unknown, facts: SpanFacts): SpanRole | undefined {
  switch (kind) {
    case 'AGENT':
      return isAgentsSdk(facts) ? agentsRole(facts) : 'agent'
    case 'TOOL':
      return 'tool'
    case 'LLM':
      return 'llm'
    case 'CHAIN':
      return roleOfChain(facts)
    default:
      return undefined
  }
}

/** The OpenAI Agents SDK's trace is marked as an agent too, but stands above the agents. */
function agentsRole({ root, name, attributes }: SpanFacts): SpanRole | undefined {
  if (attributes[NODE_ID] !== undefined) return 'agent'
  // Below something else that has a name, one without says nothing.
  if (name === UNNAMED) return root === false ? undefined : 'workflow'
  return root === true ? 'workflow' : 'agent'
}

function roleOfChain(facts: SpanFacts): SpanRole | undefined {
  const { name, root } = facts
  if (isAgentsSdk(facts) && (name === UNNAMED || name === TURN)) return undefined
  if (isAgentChain(facts)) return 'agent'
  if (!isLangChain(facts)) return root === true ? 'workflow' : 'step'
  // Set when it ends.
  const metadata = fieldsOf(facts.attributes[METADATA])
  const output = facts.attributes[OUTPUT]
  const agent = metadata?.lc_agent_name
  const notes = { name, root, output, agent, node: metadata?.langgraph_node }
  if (facts.scope === PYTHON_LANGCHAIN) return chainRole(notes)
  // In JavaScript it is live before anybody can know what it belongs to: no part of a node is left out.
  if (isAgent(notes)) return chainRole({ ...notes, agent: name })
  return chainRole({ ...notes, agent: undefined, node: name })
}

/** OpenAI's calls never end when they fail, nor do traces of its Agents SDK when an agent does. */
function isLeftOpen(facts: SpanFacts, role: SpanRole): boolean {
  if (role === 'llm') return facts.scope === '@arizeai/openinference-instrumentation-openai'
  return role === 'workflow' && isAgentsSdk(facts)
}

function nameOf(facts: SpanFacts, role: SpanRole): string | undefined {
  const { attributes: a, name: spanName } = facts
  switch (role) {
    case 'agent':
      return (
        textOf(a[AGENT_NAME]) ?? textOf(a[NODE_NAME]) ?? textOf(a[NODE_ID]) ?? frameworkName(facts)
      )
    case 'tool':
      // `handoff to Researcher` reads better than the tool's `handoff_to_Researcher`.
      if (isAgentsSdk(facts) && spanName.startsWith('handoff to ')) return spanName
      return textOf(a[TOOL_NAME]) ?? spanName
    case 'llm':
      return textOf(a[MODEL]) ?? textOf(fieldsOf(a[PARAMETERS])?.model) ?? modelIn(a)
    default:
      return frameworkName(facts)
  }
}

/** What the request names: a call that fails is not told any other model by some. */
function modelIn(a: Attributes): string | undefined {
  return a[INPUT_TYPE] === 'application/json' ? textOf(fieldsOf(a[INPUT])?.model) : undefined
}

function inputOf(facts: SpanFacts, role: SpanRole): unknown {
  const a = facts.attributes
  const input = contentOf(a[INPUT], a[INPUT_TYPE])
  if (!isLangChain(facts)) return input
  return plain(role === 'llm' ? asked(input) : input)
}

function outputOf(facts: SpanFacts, role: SpanRole): unknown {
  const a = facts.attributes
  const output = contentOf(a[OUTPUT], a[OUTPUT_TYPE])
  if (!isLangChain(facts)) return role === 'tool' ? answerOf(output) : output
  if (role === 'tool') return toolResult(output)
  return plain(role === 'llm' ? answered(output) : output)
}

function argumentsOf(facts: SpanFacts): unknown {
  const a = facts.attributes
  const given = contentOf(a[INPUT], a[INPUT_TYPE])
  if (given === undefined) return structureOf(a[TOOL_PARAMETERS])
  return isLangChain(facts) ? toolArguments(given) : argumentsIn(given)
}

/** What a tool has answered, where its framework puts more around it: LlamaIndex and Google's ADK do. */
function answerOf(output: unknown): unknown {
  const fields = fieldsOf(output)
  if (fields === undefined) return output
  if ('raw_output' in fields && 'tool_name' in fields) return fields.raw_output
  const isAdks = 'id' in fields && 'name' in fields && 'response' in fields
  return isAdks ? fields.response : output
}

function toolCallOf(facts: SpanFacts): string | undefined {
  const a = facts.attributes
  const given = textOf(a[TOOL_CALL_ID]) ?? textOf(a[TOOL_ID])
  if (given !== undefined || !isLangChain(facts)) return given
  return answeredCall(a[OUTPUT])
}

function isClaudeAgent({ scope }: SpanFacts): boolean {
  return scope.includes('claude-agent-sdk') || scope.includes('claude_agent_sdk')
}

function isAgentsSdk({ scope }: SpanFacts): boolean {
  return scope.includes('openai-agents') || scope.includes('openai_agents')
}

function isLangChain({ scope }: SpanFacts): boolean {
  return scope.includes('langchain')
}

function contentOf(value: unknown, mimeType: unknown): unknown {
  if (mimeType === undefined) return structureOf(value)
  return mimeType === 'application/json' ? jsonOf(value) : value
}

function usageOf(a: Attributes): TokenUsage | undefined {
  return wholeUsage({
    inputTokens: a['llm.token_count.prompt'],
    outputTokens: a['llm.token_count.completion'],
    totalTokens: a[TOTAL_TOKENS],
    cacheReadTokens: a['llm.token_count.prompt_details.cache_read'],
    cacheWriteTokens: a['llm.token_count.prompt_details.cache_write'],
    reasoningTokens: a['llm.token_count.completion_details.reasoning'],
  })
}

function costOf(a: Attributes): number | undefined {
  const total = numberOf(a['llm.cost.total'])
  if (total !== undefined) return total
  const prompt = numberOf(a['llm.cost.prompt'])
  const completion = numberOf(a['llm.cost.completion'])
  return prompt === undefined && completion === undefined
    ? undefined
    : (prompt ?? 0) + (completion ?? 0)
}
