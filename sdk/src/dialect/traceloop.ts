import { SYSTEM, TOOL_NAME } from '../attributes.ts'
import { conversationField } from './conversation.ts'
import { genai, usageOf } from './genai.ts'
import { answeringTool, isPlumbing, plain, toolResult } from './langchain.ts'
import type { Dialect, Findings, Recognised, SpanFacts, SpanRole } from './span-facts.ts'
import { argumentsIn, fieldsOf, jsonOf, structureOf, textOf } from './values.ts'

// https://www.traceloop.com/docs/openllmetry/contributing/semantic-conventions
const KIND = 'traceloop.span.kind'
const ENTITY_NAME = 'traceloop.entity.name'
const WORKFLOW_NAME = 'traceloop.workflow.name'
const INPUT = 'traceloop.entity.input'
const OUTPUT = 'traceloop.entity.output'
const REQUEST_TYPE = 'llm.request.type'
const ANTHROPIC = '@traceloop/instrumentation-anthropic'

const ROLES: ReadonlyMap<unknown, SpanRole> = new Map<unknown, SpanRole>([
  ['workflow', 'workflow'],
  ['agent', 'agent'],
  ['task', 'step'],
  ['tool', 'tool'],
])

/** A call of OpenAI's newer API, which some versions mark by nothing but this name. */
const RESPONSES = 'openai.response'
const CREW = /^opentelemetry\.instrumentation\.crewai/
// What LlamaIndex is made of goes by the names of classes: its tools, and what agents do between calls of them.
const LLAMA_TOOL = 'FunctionTool.task'
const LLAMA_STEP = /^(BaseWorkflowAgent|AgentWorkflow)\.task$/

const TOOL_CLASSES = /^(Dynamic|Structured|DynamicStructured)?Tool$/

type Attributes = SpanFacts['attributes']

/** OpenLLMetry: Traceloop's decorators and instrumentations. */
export const traceloop: Dialect = {
  keys: [KIND, REQUEST_TYPE],

  recognise(facts): Recognised | undefined {
    const a = facts.attributes
    const kind = a[KIND]
    const type = a[REQUEST_TYPE]
    const isOurs =
      facts.scope.startsWith('@traceloop/') || CREW.test(facts.scope) || facts.name === RESPONSES
    if (kind === undefined && type === undefined && !isOurs) {
      return undefined
    }
    // LangChain's tools are tasks by kind: the operation knows better.
    const byOperation = genai.recognise(facts) ?? undefined
    const role = roleOfSpan(facts, byOperation?.role)
    const isNamed = byOperation?.role === role && role !== 'tool'
    const name = isNamed ? byOperation?.name : nameOf(facts, role)
    if (role === undefined) return undefined
    if (role === 'workflow' && isPlumbing(name ?? '')) return undefined
    return {
      ...byOperation,
      dialect: traceloop,
      role,
      name,
      provider: role === 'llm' ? (byOperation?.provider ?? textOf(a[SYSTEM])) : undefined,
      input:
        byOperation?.input ??
        (role === 'llm' ? messages(a, 'gen_ai.prompt') : plain(inputOf(facts))),
      leftOpen: facts.scope === '@traceloop/node-server-sdk' || role === 'llm',
    }
  },

  conversation: (a) => conversationField(a, 'traceloop.association.properties.'),

  conclude(facts, role): Findings {
    const a = facts.attributes
    const found = genai.conclude(facts, role)
    const output = outputOf(facts)
    return {
      ...found,
      // It tells Anthropic's figures as they are, in JavaScript.
      usage: facts.scope === ANTHROPIC && role === 'llm' ? usageOf(a, true) : found.usage,
      output:
        found.output ??
        (role === 'llm'
          ? messages(a, 'gen_ai.completion')
          : role === 'tool'
            ? toolResult(output)
            : plain(output)),
    }
  },
}

/** CrewAI's teams and their tasks are agents by their operation: the kind knows better of all but tools and calls. */
function roleOfSpan(
  { name, attributes: a }: SpanFacts,
  byOperation: SpanRole | undefined,
): SpanRole | undefined {
  if (byOperation === 'tool' || byOperation === 'llm') return byOperation
  if (a[KIND] === undefined && name.endsWith('.workflow')) return 'workflow'
  if (name === LLAMA_TOOL) return 'tool'
  if (name === RESPONSES) return 'llm'
  if (LLAMA_STEP.test(name)) return undefined
  return roleOf(a[KIND], a[REQUEST_TYPE]) ?? byOperation
}

function roleOf(kind: unknown, requestType: unknown): SpanRole | undefined {
  if (kind !== undefined) return ROLES.get(kind)
  return requestType === 'chat' || requestType === 'completion' ? 'llm' : undefined
}

function nameOf(
  { name, attributes: a }: SpanFacts,
  role: SpanRole | undefined,
): string | undefined {
  if (role === 'llm') {
    return textOf(a['gen_ai.response.model']) ?? textOf(a['gen_ai.request.model'])
  }
  // LangChain tells it the class of a tool; what the tool answers bears its name.
  const tool = role === 'tool' ? (textOf(a[TOOL_NAME]) ?? toolIn(a[OUTPUT])) : undefined
  if (tool !== undefined) return tool
  const entity =
    textOf(a[ENTITY_NAME]) ?? (role === 'workflow' ? textOf(a[WORKFLOW_NAME]) : undefined)
  return ofNoClass((entity ?? name).replace(/^execute_tool |\.(workflow|agent|task|tool)$/, ''))
}

function toolIn(output: unknown): string | undefined {
  return answeringTool(output) ?? textOf(fieldsOf(output)?.tool_name)
}

/** A class of LangChain names nothing that a person has made. */
function ofNoClass(name: string): string | undefined {
  if (name === 'CompiledStateGraph') return 'LangGraph'
  return TOOL_CLASSES.test(name) ? undefined : name
}

/** What a function was called with: its one argument, its named ones, or all of them. */
function inputOf(facts: SpanFacts): unknown {
  const value = facts.attributes[INPUT]
  const fields = fieldsOf(value)
  if (isMcp(facts) && fields !== undefined && 'tool_name' in fields) return fields.arguments ?? {}
  const args = fields?.args
  if (!Array.isArray(args)) return argumentsIn(jsonOf(value))
  const named = fieldsOf(fields?.kwargs) ?? {}
  const isNamed = Object.keys(named).length > 0
  if (args.length === 0) return named
  if (isNamed) return { args, kwargs: named }
  return args.length === 1 ? structureOf(args[0]) : args
}

function outputOf(facts: SpanFacts): unknown {
  const value = facts.attributes[OUTPUT]
  const fields = isMcp(facts) ? fieldsOf(value) : undefined
  if (fields !== undefined && 'result' in fields) return structureOf(fields.result)
  const answer = facts.name === LLAMA_TOOL ? fieldsOf(value) : undefined
  return answer !== undefined && 'raw_output' in answer ? answer.raw_output : jsonOf(value)
}

/** It names an MCP tool beside its arguments, and says beside its result whether that is an error. */
function isMcp({ scope }: SpanFacts): boolean {
  return scope.endsWith('instrumentation-mcp') || scope.endsWith('instrumentation.mcp')
}

/** Messages that stand in attributes one by one, `gen_ai.prompt.0.role` and so on. */
function messages(a: Attributes, prefix: string): unknown {
  const found: { role: unknown; content: unknown }[] = []
  for (let i = 0; ; i++) {
    const role = a[`${prefix}.${i}.role`]
    const content = a[`${prefix}.${i}.content`]
    if (role === undefined && content === undefined) break
    found.push({ role, content: structureOf(content) })
  }
  return found.length === 0 ? undefined : found
}
