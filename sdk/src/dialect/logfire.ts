import {
  CONVERSATION_ID,
  INPUT_MESSAGES,
  OUTPUT_MESSAGES,
  PROVIDER_NAME,
  REQUEST_MODEL,
  RESPONSE_ID,
  RESPONSE_MODEL,
  SYSTEM,
} from '../attributes.ts'
import type { ErrorInfo } from '../event/agent-event.ts'
import { infoOf } from '../event/error-info.ts'
import { usageOf } from './genai.ts'
import type { Dialect, Findings, Recognised, SpanFacts, SpanRole } from './span-facts.ts'
import { carriedCost, detailsOfAnswer, withDetails } from './usage-details.ts'
import { fieldsOf, structureOf, textOf } from './values.ts'

// https://logfire.pydantic.dev/docs/reference/sql/
const TEMPLATE = 'logfire.msg_template'
const SPAN_TYPE = 'logfire.span_type'
const LEVEL = 'logfire.level_num'
const ERROR = 17
const HANDOFF = 'Handoff: {from_agent'

// What Logfire's integration of the OpenAI Agents SDK, and of model clients, says that a span is.
const ROLES: readonly (readonly [string, SpanRole])[] = [
  ['Agent run: {name', 'agent'],
  ['Function: {name', 'tool'],
  [HANDOFF, 'tool'],
  ['Chat completion with {', 'llm'],
  ['Chat Completion with {', 'llm'],
  ['Responses API', 'llm'],
  ['OpenAI Agents trace: {name', 'workflow'],
]

type Attributes = SpanFacts['attributes']

/** Logfire's integrations. */
export const logfire: Dialect = {
  keys: ['logfire.msg'],

  recognise(facts): Recognised | null | undefined {
    const a = facts.attributes
    const template = a[TEMPLATE]
    // A log line repeats the template of the call that it is about.
    if (typeof template !== 'string' || a[SPAN_TYPE] === 'log') {
      return isStreamed(template) ? recogniseCall(facts) : undefined
    }
    const role = ROLES.find(([start]) => template.startsWith(start))?.[1]
    if (role === undefined) return undefined
    if (role === 'llm') return isToldByLog(a) ? null : recogniseCall(facts)
    const isHandoff = template.startsWith(HANDOFF)
    return {
      dialect: logfire,
      role,
      name: isHandoff ? `handoff to ${textOf(a.to_agent) ?? 'another agent'}` : textOf(a.name),
      input: structureOf(isHandoff ? a.from_agent : a.input),
    }
  },

  // What the Agents SDK calls a group is a conversation.
  conversation: (a) => a[CONVERSATION_ID] ?? a.group_id,

  conclude(facts, role): Findings {
    const a = facts.attributes
    const answer = fieldsOf(a['gen_ai.usage.raw']) ?? a.usage
    const usage = role === 'llm' ? withDetails(usageOf(a), detailsOfAnswer(answer)) : undefined
    return {
      output: structureOf(
        a[OUTPUT_MESSAGES] ?? a.output ?? a.to_agent ?? a.response ?? a.response_data,
      ),
      usage,
      cost: role === 'llm' ? carriedCost(a['operation.cost'], usage) : undefined,
      error: errorOf(a.error),
    }
  },
}

function recogniseCall({ attributes: a }: SpanFacts): Recognised {
  return {
    dialect: logfire,
    role: 'llm',
    name: textOf(a[RESPONSE_MODEL]) ?? textOf(a[REQUEST_MODEL]),
    provider: textOf(a[PROVIDER_NAME]) ?? textOf(a[SYSTEM]),
    input: structureOf(a[INPUT_MESSAGES]) ?? requestOf(a),
  }
}

/** The log line that tells, once a stream is over, what was streamed and what it has used. */
function isStreamed(template: unknown): boolean {
  return typeof template === 'string' && template.startsWith('streaming response from {')
}

/** A streamed call's span ends when the stream begins, with a model and no answer: a log line tells the rest. */
function isToldByLog(a: Attributes): boolean {
  return (
    a[RESPONSE_MODEL] !== undefined &&
    a[LEVEL] !== ERROR &&
    a[RESPONSE_ID] === undefined &&
    a[OUTPUT_MESSAGES] === undefined &&
    a.response_data === undefined &&
    a.response === undefined &&
    usageOf(a) === undefined
  )
}

function requestOf(a: Attributes): unknown {
  const request = fieldsOf(a.request_data)
  return structureOf(a.raw_input) ?? request?.messages ?? request
}

/** `{ message, data }`, which the Agents SDK notes of a failure: the data may hold what went wrong. */
function errorOf(value: unknown): ErrorInfo | undefined {
  const error = fieldsOf(value)
  const message = textOf(error?.message)
  if (message === undefined) return undefined
  const reason = textOf(fieldsOf(error?.data)?.error)
  return infoOf('Error', reason === undefined ? message : `${message}: ${reason}`, undefined)
}
