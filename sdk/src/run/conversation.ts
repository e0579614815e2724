import { createHash } from 'node:crypto'
import { conversationOf } from '../dialect/conversation.ts'
import type { Dialect, SpanFacts } from '../dialect/span-facts.ts'
import { warily } from '../dialect/warily.ts'
import { SpancastError } from '../errors.ts'
import { isRandomId } from '../observer/random-id.ts'

/**
 * What gathers spans that nobody has named a run for: their trace, or the conversation (thread, session) that they
 * say they are a part of, else their trace.
 */
export type RunBy = 'trace' | 'conversation'

/** @throws SpancastError `invalid-option` for anything else. */
export function assertRunBy(runBy: unknown): asserts runBy is RunBy {
  if (runBy === 'trace' || runBy === 'conversation') return
  throw new SpancastError(
    'invalid-option',
    `Expected \`runBy\` to be 'trace' or 'conversation', got ${String(runBy)}.`,
  )
}

/** The id of the run that the span's conversation is; `undefined` if it names none. */
export function conversationRunOf(facts: SpanFacts, dialect: Dialect): string | undefined {
  const conversation = warily(facts, (known) => conversationOf(known, dialect))
  return conversation === undefined ? undefined : conversationRunId(conversation)
}

/**
 * The id of the run that a conversation is: its own id if that can name a run, else `conv_` and the first 128 bits of
 * its SHA-256 in hexadecimal digits.
 */
export function conversationRunId(conversation: string): string {
  if (isRandomId(conversation)) return conversation
  return `conv_${createHash('sha256').update(conversation).digest('hex').slice(0, 32)}`
}
