import type { AgentEvent } from '@spancast/sdk'
import { type OpenSpan, openRun, type SpanFacts } from './open-span.ts'

const NO_SPAN_ID = '0000000000000000'
const MAX_ENDED = 4096

/** What tells one span from another. An event that came without a span is told apart by its node. */
export function keyOf(event: AgentEvent, toolName?: string): string {
  if (event.spanId !== NO_SPAN_ID) return event.spanId
  return toolName === undefined ? event.nodeId : `${event.nodeId}/${toolName}`
}

/** The spans of one run that are open, as far as one stream has told, and the run above them. */
export class OpenSpans {
  readonly run: OpenSpan
  readonly #open = new Map<string, OpenSpan>()
  /** Keys of what was here and has ended, the newest. */
  readonly #ended = new Set<string>()
  /** Labels of the nodes that are open. */
  readonly #labels = new Set<string>()
  #rootKey: string | undefined

  constructor(randomId: string) {
    this.run = openRun(randomId)
  }

  get size(): number {
    return this.#open.size
  }

  get labels(): ReadonlySet<string> {
    return this.#labels
  }

  /** In order of their starts. */
  all(): [key: string, span: OpenSpan][] {
    return [...this.#open]
  }

  oldest(): [key: string, span: OpenSpan] | undefined {
    return this.#open.entries().next().value
  }

  get(key: string): OpenSpan | undefined {
    return this.#open.get(key)
  }

  /** Like `get`, and the run for the span that is its root. */
  find(key: string): OpenSpan | undefined {
    return this.#open.get(key) ?? (key === this.#rootKey ? this.run : undefined)
  }

  rootIs(key: string): void {
    this.#rootKey = key
  }

  add(key: string, span: OpenSpan): void {
    this.#open.set(key, span)
    if (span.node !== undefined) this.#labels.add(span.node.label)
  }

  remove(key: string, span: OpenSpan): void {
    this.#open.delete(key)
    if (span.node !== undefined) this.#labels.delete(span.node.label)
    this.#ended.add(key)
    for (const oldest of this.#ended) {
      if (this.#ended.size <= MAX_ENDED) break
      this.#ended.delete(oldest)
    }
  }

  /** What a span that begins with this event is made of. */
  factsOf(key: string, event: AgentEvent, seq: number): SpanFacts {
    // A span comes once. What has no span may come again, and is somebody else then.
    const id = this.#ended.has(key) ? `${key}-${seq}` : key
    return { id, nodeId: event.nodeId, parent: this.#parentOf(event) }
  }

  /** Where an event happens that is no start and no end. */
  placeOf(event: AgentEvent): OpenSpan['place'] {
    const id = keyOf(event)
    const { place } = this.find(id) ?? this.#parentOf(event)
    return { id, nodeId: event.nodeId, subagent: place.subagent }
  }

  #parentOf(event: AgentEvent): OpenSpan {
    const above = parentKeyOf(event)
    return (above === undefined ? undefined : this.find(above)) ?? this.run
  }
}

function parentKeyOf(event: AgentEvent): string | undefined {
  if (event.parentSpanId !== undefined || event.spanId !== NO_SPAN_ID) return event.parentSpanId
  return event.type === 'agent.start' ? event.parentNodeId : event.nodeId
}
