import { OPERATION_NAME } from '../attributes.ts'
import { conversationField } from './conversation.ts'
import { isPlumbing, plain, toolResult } from './langchain.ts'
import type { Dialect, Findings, Recognised, SpanFacts, SpanRole } from './span-facts.ts'
import { fieldsOf, structureOf, textOf } from './values.ts'

// https://github.com/traceloop/openllmetry/tree/main/packages/opentelemetry-instrumentation-langchain
const SCOPE = 'opentelemetry.instrumentation.langchain'
const KIND = 'traceloop.span.kind'
const ENTITY_NAME = 'traceloop.entity.name'
const INPUT = 'traceloop.entity.input'
const OUTPUT = 'traceloop.entity.output'
const PROPERTIES = 'traceloop.association.properties.'

type Attributes = SpanFacts['attributes']

/** OpenLLMetry's LangChain and LangGraph in Python, whose model calls are told as those of its other instrumentations. */
export const traceloopLangchain: Dialect = {
  keys: [KIND],
  scopes: [SCOPE],

  recognise(facts): Recognised | null | undefined {
    if (facts.scope !== SCOPE) return undefined
    const a = facts.attributes
    const kind = a[KIND]
    if (kind === undefined) return isRepeated(a) ? null : undefined
    const name = textOf(a[ENTITY_NAME])
    const role = roleOf(kind, name, a)
    if (role === undefined) return null
    const input = fieldsOf(a[INPUT])
    const isTool = role === 'tool'
    return {
      dialect: traceloopLangchain,
      role,
      name,
      toolCallId: isTool ? textOf(fieldsOf(input?.kwargs)?.tool_call_id) : undefined,
      input: isTool ? structureOf(input?.inputs ?? input?.input_str) : plain(input?.inputs),
    }
  },

  conversation: (a) => conversationField(a, PROPERTIES),

  conclude({ attributes: a }, role): Findings {
    const output = fieldsOf(a[OUTPUT])
    return { output: role === 'tool' ? toolResult(output?.output) : plain(output?.outputs) }
  },
}

/** The making of an agent, and a graph's call beside the span of its callback: what they hold is told again. */
function isRepeated(a: Attributes): boolean {
  return a[OPERATION_NAME] === 'create_agent' || a[OPERATION_NAME] === 'invoke_agent'
}

function roleOf(kind: unknown, name: string | undefined, a: Attributes): SpanRole | undefined {
  if (kind === 'tool') return 'tool'
  if (name === undefined || isPlumbing(name)) return undefined
  const agent = a[`${PROPERTIES}lc_agent_name`]
  if (name === agent) return 'agent'
  if (kind === 'workflow') return 'workflow'
  // What an agent's own graph calls its model's node, and what a node calls by a name of its own.
  if (agent !== undefined && name === 'model') return undefined
  const node = a[`${PROPERTIES}langgraph_node`]
  return node === undefined || node === name ? 'step' : undefined
}
