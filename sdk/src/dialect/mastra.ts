import {
  AGENT_NAME,
  CONVERSATION_ID,
  INPUT_MESSAGES,
  OPERATION_NAME,
  OUTPUT_MESSAGES,
  PROVIDER_NAME,
  REQUEST_MODEL,
  RESPONSE_MODEL,
  TOOL_CALL_ARGUMENTS,
  TOOL_CALL_ID,
  TOOL_CALL_RESULT,
  TOOL_NAME,
} from '../attributes.ts'
import { conversationField } from './conversation.ts'
import { usageOf } from './genai.ts'
import type { Dialect, Findings, Recognised, SpanFacts, SpanRole } from './span-facts.ts'
import { providerOf, structureOf, textOf } from './values.ts'

// https://mastra.ai/docs/observability/tracing/exporters/otel
const TYPE = 'mastra.span.type'
const STEP_ID = 'mastra.workflow_step.step_id'
const BRIDGE_SCOPE = '@mastra/otel-bridge'

const ROLES: ReadonlyMap<unknown, SpanRole> = new Map<unknown, SpanRole>([
  ['agent_run', 'agent'],
  ['workflow_run', 'workflow'],
  ['workflow_step', 'step'],
  ['tool_call', 'tool'],
  ['mcp_tool_call', 'tool'],
  ['provider_tool_call', 'tool'],
])

// The bridge sets attributes when the span ends; until then its name says what it is: `tool: 'get_weather'`.
const BRIDGE_NAME = /^(agent run|workflow run|workflow step|tool|mcp_tool|llm): '([^']+)'/
const BRIDGE_ROLES: Readonly<Record<string, SpanRole>> = {
  'agent run': 'agent',
  'workflow run': 'workflow',
  'workflow step': 'step',
  tool: 'tool',
  mcp_tool: 'tool',
  llm: 'llm',
}

/** Mastra, by its exporter or by its bridge to OpenTelemetry. */
export const mastra: Dialect = {
  keys: [TYPE],
  scopes: [BRIDGE_SCOPE],

  recognise(facts): Recognised | null | undefined {
    const a = facts.attributes
    const type = a[TYPE]
    if (type === undefined) {
      return facts.scope === BRIDGE_SCOPE ? recogniseByName(facts.name) : undefined
    }
    const role = roleOf(type, a)
    if (role === undefined) return null
    return {
      dialect: mastra,
      role,
      name: nameOf(facts, role),
      provider: role === 'llm' ? providerOf(a[PROVIDER_NAME]) : undefined,
      toolCallId: role === 'tool' ? textOf(a[TOOL_CALL_ID]) : undefined,
      input: contentOf(a, role, TOOL_CALL_ARGUMENTS, INPUT_MESSAGES, 'input'),
    }
  },

  conversation: (a) => a[CONVERSATION_ID] ?? conversationField(a, 'mastra.metadata.'),

  conclude({ attributes: a }, role): Findings {
    return {
      output: contentOf(a, role, TOOL_CALL_RESULT, OUTPUT_MESSAGES, 'output'),
      usage: role === 'llm' ? usageOf(a) : undefined,
    }
  },
}

function recogniseByName(spanName: string): Recognised | undefined {
  const match = BRIDGE_NAME.exec(spanName)
  const role = BRIDGE_ROLES[match?.[1] ?? '']
  return role === undefined ? undefined : { dialect: mastra, role, name: match?.[2] }
}

/** Which of its spans is the model call differs by version: the one with the operation of a call. */
function roleOf(type: unknown, a: SpanFacts['attributes']): SpanRole | undefined {
  const isCall = type === 'model_inference' || type === 'model_generation'
  return isCall && a[OPERATION_NAME] === 'chat' ? 'llm' : ROLES.get(type)
}

function nameOf({ name, scope, attributes: a }: SpanFacts, role: SpanRole): string | undefined {
  switch (role) {
    case 'agent':
      return textOf(a[AGENT_NAME]) ?? afterOperation(name)
    case 'tool':
      return textOf(a[TOOL_NAME]) ?? afterOperation(name)
    case 'llm':
      return textOf(a[RESPONSE_MODEL]) ?? textOf(a[REQUEST_MODEL])
    case 'step':
      return textOf(a[STEP_ID]) ?? stepOf(name, scope)
    default:
      return afterOperation(name)
  }
}

/** The bridge renames a step's span after the workflow when it ends: the step's own name is that of the start. */
function stepOf(spanName: string, scope: string): string | undefined {
  const isRenamed = scope === BRIDGE_SCOPE && !BRIDGE_NAME.test(spanName)
  return isRenamed ? undefined : afterOperation(spanName)
}

/** `invoke_workflow report` is named `report`, and so is `workflow run: 'report'` when nobody has renamed it. */
function afterOperation(spanName: string): string {
  return (
    BRIDGE_NAME.exec(spanName)?.[2] ??
    spanName.replace(/^(invoke_\w+|execute_tool|workflow_\w+) /, '')
  )
}

function contentOf(
  a: SpanFacts['attributes'],
  role: SpanRole,
  ofTool: string,
  ofModel: string,
  side: 'input' | 'output',
): unknown {
  const own = `mastra.${String(a[TYPE])}.${side}`
  if (role === 'tool') return structureOf(a[ofTool])
  return structureOf(role === 'llm' ? (a[ofModel] ?? a[own]) : a[own])
}
