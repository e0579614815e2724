import { INPUT_MESSAGES, OUTPUT_MESSAGES } from '../attributes.ts'
import type { SpanEvent, SpanRole } from './span-facts.ts'
import { contentIn, fieldsOf, structureOf, unwrapped } from './values.ts'

// The conventions have content in events of the span as well: newer ones in one event with the keys of attributes,
// https://github.com/open-telemetry/semantic-conventions-genai, older ones in an event for each message.
const DETAILS = 'gen_ai.client.inference.operation.details'
const MESSAGE = /^gen_ai\.(system|user|assistant|tool)\.message$/
const CHOICE = 'gen_ai.choice'
const PROMPT = 'gen_ai.content.prompt'
const BLOCK = /^\[\{"(text|json)":/
const COMPLETION = 'gen_ai.content.completion'

type Events = readonly SpanEvent[] | undefined

/** What events tell that a call was given: a tool its arguments, any other the messages. */
export function givenIn(events: Events, role: SpanRole): unknown {
  if (events === undefined || events.length === 0) return undefined
  const messages = structureOf(valueIn(events, DETAILS, INPUT_MESSAGES))
  if (role === 'tool') {
    const call = partOf(messages, 'tool_call')
    return structureOf(call ? call.arguments : valueIn(events, 'gen_ai.tool.message', 'content'))
  }
  return messages ?? messagesIn(events) ?? structureOf(valueIn(events, PROMPT, 'gen_ai.prompt'))
}

/** What events tell that came of it. */
export function answerIn(events: Events, role: SpanRole): unknown {
  if (events === undefined || events.length === 0) return undefined
  const messages = structureOf(valueIn(events, DETAILS, OUTPUT_MESSAGES))
  const choice = valueIn(events, CHOICE, 'message')
  if (role === 'tool') {
    const answer = partOf(messages, 'tool_call_response')
    return resultOf(answer ? (answer.response ?? answer.result) : choice)
  }
  return messages ?? structureOf(choice ?? valueIn(events, COMPLETION, 'gen_ai.completion'))
}

function valueIn(events: readonly SpanEvent[], name: string, key: string): unknown {
  return events.find((event) => event.name === name && key in (event.attributes ?? {}))
    ?.attributes?.[key]
}

function messagesIn(events: readonly SpanEvent[]): unknown {
  const found = events.flatMap(({ name, attributes }) => {
    const role = MESSAGE.exec(name)?.[1]
    return role === undefined ? [] : [{ role, content: structureOf(attributes?.content) }]
  })
  return found.length === 0 ? undefined : found
}

/** The first part of that type among messages. */
function partOf(messages: unknown, type: string): Readonly<Record<string, unknown>> | undefined {
  if (!Array.isArray(messages)) return undefined
  for (const message of messages) {
    const parts = fieldsOf(message)?.parts
    if (!Array.isArray(parts)) continue
    const part = parts.map(fieldsOf).find((fields) => fields?.type === type)
    if (part !== undefined) return part
  }
  return undefined
}

/** The same for a result that stands in an attribute, where it is taken apart when somebody reads it. */
export function resultIn(value: unknown): unknown {
  return typeof value === 'string' && BLOCK.test(value) ? resultOf(value) : contentIn(value)
}

/** A result that is one block of text or JSON, as model APIs have them, is what the block holds. */
function resultOf(value: unknown): unknown {
  const blocks = structureOf(value)
  if (!Array.isArray(blocks) || blocks.length !== 1) return blocks
  const [block]: unknown[] = blocks
  const held = unwrapped(block, ['text', 'json'])
  return held === block ? blocks : structureOf(held)
}
