import type { AgentEvent } from '../event/agent-event.ts'

/** Makes an event when somebody first reads it: until then nobody pays for it. Must not throw. */
export interface EventBuilder {
  build(type: AgentEvent['type'], seq: number): AgentEvent
}

/**
 * One place in a run's buffer. Its event is built at the first read and serialised at the first time that it is
 * sent; after that only the text is kept, and all readers share it.
 */
export class Entry {
  readonly seq: number
  readonly type: AgentEvent['type']
  /** What it is estimated to hold in memory. */
  readonly bytes: number
  #made: EventBuilder | AgentEvent | string

  constructor(
    seq: number,
    type: AgentEvent['type'],
    bytes: number,
    made: EventBuilder | AgentEvent,
  ) {
    this.seq = seq
    this.type = type
    this.bytes = bytes
    this.#made = made
  }

  /** The event. The same object at each call until it was serialised; treat it as read-only. */
  get event(): AgentEvent {
    const made = this.#made
    if (typeof made === 'string') return JSON.parse(made) as AgentEvent
    if (!('build' in made)) return made
    const event = made.build(this.type, this.seq)
    this.#made = event
    return event
  }

  /** The event as JSON text, made once. */
  get json(): string {
    if (typeof this.#made === 'string') return this.#made
    const json = JSON.stringify(this.event)
    this.#made = json
    return json
  }
}
