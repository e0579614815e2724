import { classify } from '../classify.ts'
import type { Findings, Recognised, SpanEvent } from '../span-facts.ts'

export type Attributes = Record<string, unknown>
export type Seen = Omit<Recognised, 'dialect'> & Findings

/** What is recognised of a span that has ended, and what its end adds. */
export function see(
  scope: string,
  name: string,
  attributes: Attributes,
  root?: boolean,
  events?: readonly SpanEvent[],
): Seen | undefined {
  const facts = { name, scope, attributes, root, events }
  const recognised = classify(facts)
  if (recognised === undefined) return undefined
  const { dialect, ...is } = recognised
  return { ...is, ...dialect.conclude(facts, is.role) }
}
