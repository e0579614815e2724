import type { TokenUsage } from '../event/usage.ts'
import type { Dialect, Findings, Recognised, SpanFacts, SpanRole } from './span-facts.ts'
import { jsonOf, structureOf, textOf } from './values.ts'
import { wholeUsage } from './whole-usage.ts'

// https://voltagent.dev/docs/observability/overview/
const SCOPE = '@voltagent/core'
const TYPE = 'span.type'
const ENTITY_TYPE = 'entity.type'
const INPUT = 'input'
const OUTPUT = 'output'

const ROLES: ReadonlyMap<unknown, SpanRole> = new Map<unknown, SpanRole>([
  ['agent', 'agent'],
  ['workflow', 'workflow'],
  ['workflow-step', 'step'],
  ['tool', 'tool'],
  ['llm', 'llm'],
])

type Attributes = SpanFacts['attributes']

/** VoltAgent, whose keys have no prefix of their own: its scope tells. */
export const voltagent: Dialect = {
  keys: ['voltagent.'],
  scopes: [SCOPE],

  recognise({ scope, name, attributes: a }): Recognised | null | undefined {
    if (scope !== SCOPE) return undefined
    // Agents and workflows themselves bear no type but that of what they are.
    const role = ROLES.get(a[TYPE] ?? a[ENTITY_TYPE])
    if (role === undefined) return null
    const isTool = role === 'tool'
    return {
      dialect: voltagent,
      role,
      name: nameOf(a, role) ?? name,
      toolCallId: isTool ? textOf(a['tool.call.id']) : undefined,
      input: role === 'llm' ? structureOf(a['llm.messages']) : contentOf(a[INPUT], isTool),
    }
  },

  conversation: (a) => a['conversation.id'],

  conclude({ attributes: a }, role): Findings {
    const output = role === 'llm' ? a['llm.response'] : a[OUTPUT]
    return {
      output: contentOf(output, false),
      // The agent repeats the usage of its calls.
      usage: role === 'llm' ? usageOf(a) : undefined,
    }
  },
}

function nameOf(a: Attributes, role: SpanRole): string | undefined {
  switch (role) {
    case 'tool':
      return textOf(a['tool.name'])
    case 'llm':
      return textOf(a['llm.model'])
    case 'step':
      return textOf(a['workflow.step.name']) ?? textOf(a['workflow.step.id'])
    default:
      // Below another agent it bears that one's name as well.
      return textOf(a['subagent.name']) ?? textOf(a['entity.name'])
  }
}

function contentOf(value: unknown, isJson: boolean): unknown {
  return isJson ? jsonOf(value) : structureOf(value)
}

function usageOf(a: Attributes): TokenUsage | undefined {
  return wholeUsage({
    inputTokens: a['llm.usage.prompt_tokens'],
    outputTokens: a['llm.usage.completion_tokens'],
    totalTokens: a['llm.usage.total_tokens'],
    cacheReadTokens: a['llm.usage.cached_tokens'],
    reasoningTokens: a['llm.usage.reasoning_tokens'],
  })
}
