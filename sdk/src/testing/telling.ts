import type { AgentEvent } from '../event/agent-event.ts'

/** Each event as a line: its type and what it is about. */
export function told(events: readonly AgentEvent[]): string[] {
  return events.map((event) => `${event.type} ${subjectOf(event)}`)
}

/** The run's spans as `name < parent's name`, in the order of their starts. */
export function tree(events: readonly AgentEvent[]): string[] {
  const starts = events.filter((event) =>
    /^agent\.(tool\.|llm\.)?start$|^run\.start$/.test(event.type),
  )
  const names = new Map<string, string>()
  for (const event of starts) names.set(event.spanId, subjectOf(event))
  return starts.map((event) =>
    event.parentSpanId === undefined
      ? subjectOf(event)
      : `${subjectOf(event)} < ${names.get(event.parentSpanId) ?? 'unknown'}`,
  )
}

/** The first event of that type, about that subject if one is given. */
export function find<T extends AgentEvent['type']>(
  events: readonly AgentEvent[],
  type: T,
  subject?: string,
): Extract<AgentEvent, { type: T }> {
  const found = events.find(
    (event): event is Extract<AgentEvent, { type: T }> =>
      event.type === type && (subject === undefined || subjectOf(event) === subject),
  )
  if (found === undefined) {
    throw new Error(`no ${type} ${subject ?? ''} among ${told(events).join(', ')}`)
  }
  return found
}

function subjectOf(event: AgentEvent): string {
  switch (event.type) {
    case 'run.start':
    case 'agent.event':
      return event.name
    case 'run.end':
      return event.status
    case 'agent.start':
    case 'agent.end':
    case 'agent.error':
      return event.nodeName
    case 'agent.tool.start':
    case 'agent.tool.end':
      return event.toolName
    case 'agent.llm.start':
    case 'agent.llm.end':
      return String(event.model)
    case 'agent.chunk':
      return typeof event.delta === 'string' ? event.delta : JSON.stringify(event.delta)
    case 'agent.moved':
      return event.spanId
  }
}
