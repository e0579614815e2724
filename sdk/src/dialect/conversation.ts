import { CONVERSATION_ID } from '../attributes.ts'
import type { Dialect, SpanFacts } from './span-facts.ts'

// Under which names applications put the id of a conversation among their own fields.
const FIELDS = [
  'conversation_id',
  'conversationId',
  'thread_id',
  'threadId',
  'session_id',
  'sessionId',
  'chat_id',
  'chatId',
]
const SESSION_ID = 'session.id'

/** The conversation that a span is a part of: in the words of its dialect, else in those of OpenTelemetry. */
export function conversationOf(facts: SpanFacts, { conversation }: Dialect): string | undefined {
  const a = facts.attributes
  return idOf(conversation?.(a)) ?? idOf(a[CONVERSATION_ID]) ?? idOf(a[SESSION_ID])
}

/** The first of the usual fields that is there. @param prefix - What stands before a field's name in its key. */
export function conversationField(
  fields: Readonly<Record<string, unknown>> | undefined,
  prefix = '',
): unknown {
  if (fields === undefined) return undefined
  for (const name of FIELDS) {
    const value = fields[prefix + name]
    if (idOf(value) !== undefined) return value
  }
  return undefined
}

function idOf(value: unknown): string | undefined {
  if (typeof value === 'number' && Number.isFinite(value)) return String(value)
  return typeof value === 'string' && value !== '' ? value : undefined
}
