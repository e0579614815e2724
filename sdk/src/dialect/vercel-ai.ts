import {
  TOOL_CALL_ID as GENAI_TOOL_CALL_ID,
  TOOL_NAME as GENAI_TOOL_NAME,
  // Sentry gives its spans the names of the conventions, in place of those that they had.
  INPUT_MESSAGES,
} from '../attributes.ts'
import { conversationField } from './conversation.ts'
import type { Dialect, Findings, Recognised, SpanFacts, SpanRole } from './span-facts.ts'
import { fieldsOf, jsonOf, numberOf, providerOf, structureOf, textOf } from './values.ts'
import { vercelUsage } from './vercel-usage.ts'

// https://ai-sdk.dev/docs/ai-sdk-core/telemetry; since version 7 this is its legacy form
const OPERATION = 'ai.operationId'
const FUNCTION_ID = 'ai.telemetry.functionId'
const TOOL_NAME = 'ai.toolCall.name'
const TOOL_CALL_ID = 'ai.toolCall.id'
const TOOL_ARGUMENTS = 'ai.toolCall.args'
const TOOL_RESULT = 'ai.toolCall.result'
const MODEL = 'ai.model.id'
const RESPONSE_MODEL = 'ai.response.model'
const PROVIDER = 'ai.model.provider'
const PROMPT = 'ai.prompt'
const MESSAGES = 'ai.prompt.messages'

const ROLES: ReadonlyMap<unknown, SpanRole> = new Map<unknown, SpanRole>([
  ['ai.generateText', 'agent'],
  ['ai.streamText', 'agent'],
  ['ai.generateObject', 'agent'],
  ['ai.streamObject', 'agent'],
  ['ai.generateText.doGenerate', 'llm'],
  ['ai.streamText.doStream', 'llm'],
  ['ai.generateObject.doGenerate', 'llm'],
  ['ai.streamObject.doStream', 'llm'],
  ['ai.toolCall', 'tool'],
])

/** These never end when the stream is aborted, though the agent above does. */
const LEFT_OPEN: ReadonlySet<unknown> = new Set([
  'ai.streamText.doStream',
  'ai.streamObject.doStream',
])

type Attributes = SpanFacts['attributes']

/** Vercel's AI SDK, versions 5 and 6, and 7 in its legacy form; what 7 does else are the GenAI conventions. */
export const vercelAi: Dialect = {
  keys: [OPERATION],

  recognise(facts): Recognised | null | undefined {
    const a = facts.attributes
    const operation = a[OPERATION]
    if (operation === undefined) return undefined
    const role = ROLES.get(operation)
    if (role === undefined) return null
    return {
      dialect: vercelAi,
      role,
      name: nameOf(a, role),
      provider: role === 'llm' ? providerOf(a[PROVIDER]) : undefined,
      toolCallId: role === 'tool' ? textOf(a[TOOL_CALL_ID] ?? a[GENAI_TOOL_CALL_ID]) : undefined,
      input: jsonOf(inputOf(a, role)),
      leftOpen: LEFT_OPEN.has(operation),
    }
  },

  conversation: (a) => conversationField(a, 'ai.telemetry.metadata.'),

  conclude(facts, role): Findings {
    const a = facts.attributes
    return {
      output: role === 'tool' ? jsonOf(a[TOOL_RESULT] ?? a['gen_ai.tool.output']) : answerOf(a),
      // The outer span repeats the usage of its calls.
      usage: role === 'llm' ? vercelUsage(a) : undefined,
      timeToFirstChunk: numberOf(a['ai.response.msToFirstChunk']),
    }
  },
}

function nameOf(a: Attributes, role: SpanRole): string | undefined {
  if (role === 'tool') return textOf(a[TOOL_NAME] ?? a[GENAI_TOOL_NAME])
  if (role === 'llm') return textOf(a[RESPONSE_MODEL]) ?? textOf(a[MODEL])
  return textOf(a[FUNCTION_ID]) ?? textOf(a[OPERATION])?.slice('ai.'.length)
}

function inputOf(a: Attributes, role: SpanRole): unknown {
  if (role === 'tool') return a[TOOL_ARGUMENTS] ?? a['gen_ai.tool.input']
  const asked = role === 'llm' ? (a[MESSAGES] ?? a[PROMPT]) : a[PROMPT]
  return asked ?? a[INPUT_MESSAGES]
}

function answerOf(a: Attributes): unknown {
  const object = a['ai.response.object']
  if (object !== undefined) return jsonOf(object)
  const text = textOf(a['ai.response.text'])
  const toolCalls = toolCallsOf(a['ai.response.toolCalls'])
  if (toolCalls === undefined) return text
  return text === undefined ? { toolCalls } : { text, toolCalls }
}

/** Their inputs are JSON in JSON when the answer was not streamed. */
function toolCallsOf(value: unknown): unknown {
  const calls = structureOf(value)
  if (!Array.isArray(calls)) return calls
  return calls.map((call: unknown) => {
    const fields = fieldsOf(call)
    return fields === undefined ? call : { ...fields, input: structureOf(fields.input) }
  })
}
