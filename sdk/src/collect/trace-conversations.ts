import { classify } from '../dialect/classify.ts'
import { conversationRunOf } from '../run/conversation.ts'
import type { CollectedSpan } from './collected-span.ts'

/**
 * The run that the conversation of each trace is: the first conversation that a span of the trace names, whichever
 * span that is.
 */
export function conversationsOf(spans: readonly CollectedSpan[]): ReadonlyMap<string, string> {
  const found = new Map<string, string>()
  const since = new Map<string, number>()
  for (const { traceId, startMs, facts } of spans) {
    if (startMs >= (since.get(traceId) ?? Number.POSITIVE_INFINITY)) continue
    const is = classify(facts)
    const run = is && conversationRunOf(facts, is.dialect)
    if (run === undefined) continue
    found.set(traceId, run)
    since.set(traceId, startMs)
  }
  return found
}
