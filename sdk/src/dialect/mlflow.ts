import type { TokenUsage } from '../event/usage.ts'
import { chainRole } from './chain.ts'
import { conversationField } from './conversation.ts'
import { answered, plain, toolArguments, toolResult } from './langchain.ts'
import type { Dialect, Findings, Recognised, SpanFacts, SpanRole } from './span-facts.ts'
import { detailsOfAnswer, withDetails } from './usage-details.ts'
import { fieldsOf, jsonOf, numberOf, structureOf, textOf } from './values.ts'
import { wholeUsage } from './whole-usage.ts'

// https://mlflow.org/docs/latest/genai/concepts/span: every value is JSON, texts too
const TYPE = 'mlflow.spanType'
const INPUTS = 'mlflow.spanInputs'
const OUTPUTS = 'mlflow.spanOutputs'
const USAGE = 'mlflow.chat.tokenUsage'
const MODEL = 'mlflow.llm.model'
const COST = 'mlflow.llm.cost'
const SESSION = 'mlflow.trace.session'

type Attributes = SpanFacts['attributes']

/** MLflow's tracing. */
export const mlflow: Dialect = {
  keys: ['mlflow.'],

  recognise(facts): Recognised | null | undefined {
    const a = facts.attributes
    const type = jsonOf(a[TYPE])
    if (type === undefined) return undefined
    const role = roleOf(type, facts)
    if (role === undefined) return null
    const input = structureOf(jsonOf(a[INPUTS]))
    return {
      dialect: mlflow,
      role,
      name: role === 'llm' ? modelOf(a) : facts.name,
      provider: role === 'llm' ? textOf(jsonOf(a['mlflow.llm.provider'])) : undefined,
      input: role === 'tool' ? toolArguments(input) : plain(input),
    }
  },

  conversation: (a) =>
    jsonOf(a[SESSION]) ?? conversationField(fieldsOf(jsonOf(a['mlflow.traceMetadata']))),

  conclude({ attributes: a }, role): Findings {
    const output = structureOf(jsonOf(a[OUTPUTS]))
    const isCall = role === 'llm'
    return {
      output: role === 'tool' ? toolResult(output) : plain(isCall ? answered(output) : output),
      usage: isCall ? usageOf(a, output) : undefined,
      cost: isCall ? numberOf(fieldsOf(jsonOf(a[COST]))?.total_cost) : undefined,
    }
  },
}

function roleOf(type: unknown, { name, root }: SpanFacts): SpanRole | undefined {
  switch (type) {
    case 'AGENT':
      return 'agent'
    case 'TOOL':
      return 'tool'
    case 'LLM':
    case 'CHAT_MODEL':
      return 'llm'
    case 'WORKFLOW':
      return 'workflow'
    case 'TASK':
      return 'step'
    case 'CHAIN': {
      const notes = { agent: undefined, node: undefined, output: undefined }
      return chainRole({ name, root, ...notes })
    }
    default:
      return undefined
  }
}

/** A call that failed has the model that it asked for. */
function modelOf(a: Attributes): string | undefined {
  const asked = fieldsOf(jsonOf(a[INPUTS]))
  return textOf(jsonOf(a[MODEL])) ?? textOf(jsonOf(a.model)) ?? textOf(asked?.model)
}

/** Details that MLflow leaves out stand in the answer of the API. */
function usageOf(a: Attributes, answer: unknown): TokenUsage | undefined {
  const usage = fieldsOf(jsonOf(a[USAGE]))
  const whole = wholeUsage({
    inputTokens: usage?.input_tokens,
    outputTokens: usage?.output_tokens,
    totalTokens: usage?.total_tokens,
    cacheReadTokens: usage?.cache_read_input_tokens,
    cacheWriteTokens: usage?.cache_creation_input_tokens,
  })
  return withDetails(whole, detailsOfAnswer(fieldsOf(answer)?.usage))
}
