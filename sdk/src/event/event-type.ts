import type { AgentEvent } from './agent-event.ts'

/** What an event can be, as its `type` says. */
export type EventType = AgentEvent['type']

// A record, so that the compiler asks for a type that is missing here.
const TYPES: Readonly<Record<EventType, true>> = {
  'run.start': true,
  'run.end': true,
  'agent.start': true,
  'agent.end': true,
  'agent.error': true,
  'agent.tool.start': true,
  'agent.tool.end': true,
  'agent.llm.start': true,
  'agent.llm.end': true,
  'agent.chunk': true,
  'agent.event': true,
  'agent.moved': true,
}

/** All of them, in the order of the contract. */
export const EVENT_TYPES: readonly string[] = Object.keys(TYPES)

const KNOWN: ReadonlySet<unknown> = new Set(EVENT_TYPES)

/** Whether it is one of the types that a run's events have. */
export function isEventType(type: unknown): type is EventType {
  return KNOWN.has(type)
}
