import type { SpanRole } from '../dialect/span-facts.ts'
import type { AgentEvent } from '../event/agent-event.ts'
import type { EventBuilder } from '../observer/entry.ts'
import type { SpanRecord } from '../run/span-record.ts'
import type { LinkEvent } from './collected-span.ts'

/** An event that came over a link, stamped anew, with the place in the tree that is known here. */
export class LinkedEvent implements EventBuilder {
  readonly #randomId: string
  readonly #event: LinkEvent
  readonly #span: SpanRecord | undefined

  constructor(randomId: string, event: LinkEvent, span: SpanRecord | undefined) {
    this.#randomId = randomId
    this.#event = event
    this.#span = span
  }

  build(_: AgentEvent['type'], seq: number): AgentEvent {
    const { parentSpanId, ...event } = this.#event
    const parent =
      this.#span?.parent?.spanId ?? (this.#span === undefined ? parentSpanId : undefined)
    return {
      ...event,
      seq,
      randomId: this.#randomId,
      ...(parent !== undefined && { parentSpanId: parent }),
      // Its border has made sure that it is one of the types.
    } as unknown as AgentEvent
  }
}

/** What a start event says that its span is; `undefined` for other events. */
export function roleOfStart(event: LinkEvent): SpanRole | undefined {
  switch (event.type) {
    case 'run.start':
      return 'run'
    case 'agent.start':
      return event.nodeKind === 'workflow' || event.nodeKind === 'step' ? event.nodeKind : 'agent'
    case 'agent.tool.start':
      return 'tool'
    case 'agent.llm.start':
      return 'llm'
    default:
      return undefined
  }
}

/** Whether the event ends its span. */
export function isEnd(event: LinkEvent): boolean {
  return ['agent.end', 'agent.error', 'agent.tool.end', 'agent.llm.end'].includes(event.type)
}

/** The name that a start event gives. */
export function nameOfStart(event: LinkEvent): string | undefined {
  const name = event.nodeName ?? event.toolName ?? event.model ?? event.name
  return typeof name === 'string' ? name : undefined
}
