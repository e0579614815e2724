import { contentRules } from '../context/content-rules.ts'
import { NOTHING } from '../context/handoff.ts'
import { type Captured, capture } from '../event/content.ts'

/** A snapshot for live readers; `undefined` where there is nothing, or where they get none. */
export function captured(value: unknown): Captured | undefined {
  if (value === NOTHING || value === undefined) return undefined
  const rules = contentRules().live
  return rules === undefined ? undefined : capture(value, rules.maxContentBytes)
}
