import { type CollectedEvent, contentIn, EVENT_CONTENT, SCOPE_NAME } from '@spancast/sdk/internal'
import type { OtlpAttributes, SpanDetail } from './otlp-span.ts'

const EXCEPTION = 'exception'
/** By which Claude Code tells the result of a tool. */
const TOOL_OUTPUT = 'tool.output'

/**
 * The custom events that a span carries: those of our own spans, and what has our own content. What other libraries
 * write on their spans as events are parts of a call, told by the call itself.
 */
export function eventsOf({ scope, events }: SpanDetail): readonly CollectedEvent[] | undefined {
  if (events.length === 0) return undefined
  const own = scope === SCOPE_NAME
  const told: CollectedEvent[] = []
  for (const { name, timeMs, attributes } of events) {
    if (name === EXCEPTION || !(own || EVENT_CONTENT in attributes)) continue
    told.push({ name, timestamp: timeMs, content: contentOf(attributes) })
  }
  return told.length === 0 ? undefined : told
}

/** Events by which the GenAI conventions, and those that follow them, tell content. */
export function genaiEvents({ events }: SpanDetail): SpanDetail['events'] | undefined {
  if (events.length === 0) return undefined
  const told = events.filter(({ name }) => name.startsWith('gen_ai.') || name === TOOL_OUTPUT)
  return told.length === 0 ? undefined : told
}

function contentOf(attributes: OtlpAttributes): unknown {
  if (EVENT_CONTENT in attributes) return contentIn(attributes[EVENT_CONTENT])
  return Object.keys(attributes).length === 0 ? null : attributes
}
