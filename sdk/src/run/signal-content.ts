import type { AgentEvent, Chunk, ChunkKind, CustomEvent } from '../event/agent-event.ts'
import { capText } from '../event/cap.ts'
import { type Captured, publish } from '../event/content.ts'
import type { EventBuilder } from '../observer/entry.ts'
import { baseOf, MAX_NAME_BYTES } from './event-base.ts'
import type { SpanRecord } from './span-record.ts'

/** A streamed chunk as it waits to be read. */
export class ChunkContent implements EventBuilder {
  readonly #span: SpanRecord
  readonly #index: number
  readonly #kind: ChunkKind
  readonly #delta: Captured
  readonly #timestamp: number

  constructor(
    span: SpanRecord,
    index: number,
    kind: ChunkKind,
    delta: Captured,
    timestamp: number,
  ) {
    this.#span = span
    this.#index = index
    this.#kind = kind
    this.#delta = delta
    this.#timestamp = timestamp
  }

  build(_: AgentEvent['type'], seq: number): Chunk {
    const rules = this.#span.run.liveRules
    const content = rules === undefined ? undefined : publish(this.#delta, 'delta', rules)
    return {
      type: 'agent.chunk',
      ...baseOf(this.#span, seq, this.#timestamp),
      index: this.#index,
      delta: content?.value ?? null,
      kind: this.#kind,
      ...(content !== undefined &&
        content.truncated.length > 0 && { truncated: content.truncated }),
    }
  }
}

/** A custom event as it waits to be read. */
export class CustomContent implements EventBuilder {
  readonly #span: SpanRecord
  readonly #name: string
  readonly #content: Captured | undefined
  readonly #namespace: string | undefined
  readonly #timestamp: number

  constructor(
    span: SpanRecord,
    name: string,
    content: Captured | undefined,
    namespace: string | undefined,
    timestamp: number,
  ) {
    this.#span = span
    this.#name = name
    this.#content = content
    this.#namespace = namespace
    this.#timestamp = timestamp
  }

  build(_: AgentEvent['type'], seq: number): CustomEvent {
    const rules = this.#span.run.liveRules
    const content =
      rules === undefined || this.#content === undefined
        ? undefined
        : publish(this.#content, 'content', rules)
    return {
      type: 'agent.event',
      ...baseOf(this.#span, seq, this.#timestamp),
      ...(this.#namespace !== undefined && { namespace: this.#namespace }),
      name: capText(this.#name, MAX_NAME_BYTES),
      content: content?.value ?? null,
      ...(content !== undefined &&
        content.truncated.length > 0 && { truncated: content.truncated }),
    }
  }
}
