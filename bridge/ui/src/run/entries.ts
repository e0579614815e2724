import type { AgentEvent, RunState } from '@spancast/sdk/client'
import { gapsOf, type Missing } from './missing.ts'

/** A line of the event log. */
export type Entry =
  | { readonly type: 'event'; readonly event: AgentEvent }
  | { readonly type: 'gap'; readonly gap: Missing }

/** Lines that the log keeps. */
export const MAX_ENTRIES = 5000

/** The newest events, and what is missing between them. */
export function entriesOf(state: Pick<RunState, 'log' | 'gaps'>): readonly Entry[] {
  const { log } = state
  const first = Math.max(0, log.length - MAX_ENTRIES)
  const entries: Entry[] = log.slice(first).map((event) => ({ type: 'event', event }))
  for (const gap of [...gapsOf(state)].reverse()) {
    const at = log.indexFrom(gap.from) - first
    if (at >= 0) entries.splice(at, 0, { type: 'gap', gap })
  }
  return entries
}

/** What an event says, in a few words. */
export function summaryOf(event: AgentEvent): string {
  switch (event.type) {
    case 'run.start':
      return event.name
    case 'run.end':
      return event.error === undefined ? event.status : `${event.status}: ${event.error.message}`
    case 'agent.start':
    case 'agent.end':
      return event.nodeName
    case 'agent.error':
      return `${event.nodeName}: ${event.error.message}`
    case 'agent.tool.start':
      return `${event.toolName} ${short(event.args)}`
    case 'agent.tool.end':
      return event.error === undefined
        ? `${event.toolName} ${short(event.result)}`
        : `${event.toolName}: ${event.error.message}`
    case 'agent.llm.start':
      return event.model ?? ''
    case 'agent.llm.end':
      return event.error === undefined
        ? (event.model ?? '')
        : `${event.model ?? ''}: ${event.error.message}`
    case 'agent.chunk':
      return short(event.delta)
    case 'agent.event':
      return `${event.name} ${short(event.content)}`
    default:
      return ''
  }
}

function short(value: unknown): string {
  if (value === undefined) return ''
  const text = typeof value === 'string' ? value.slice(0, 200) : JSON.stringify(value)
  return text?.slice(0, 200) ?? ''
}
