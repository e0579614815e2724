import { expect } from 'vitest'
import type { AgentEvent } from '../../event/agent-event.ts'
import type { AgentObserver } from '../../observer/agent-observer.ts'

interface Seen {
  readonly start: AgentEvent
  parentSpanId: string | undefined
  end: AgentEvent | undefined
}

/** Follows a run event by event, applies the moves, and holds each event to what has been told before. */
export class LiveReader {
  readonly spans = new Map<string, Seen>()
  readonly runId: string
  start: AgentEvent | undefined
  end: AgentEvent | undefined
  moves = 0
  #seq = 0
  readonly #failures: unknown[] = []

  constructor(observer: AgentObserver) {
    this.runId = observer.randomId
    observer.subscribe((event) => {
      // An observer keeps what a subscriber throws from the publisher, and so from the test.
      try {
        this.#take(event)
      } catch (error) {
        this.#failures.push(error)
      }
    })
  }

  /** Throws the first thing that was not as it should be. */
  check(): void {
    if (this.#failures.length > 0) throw this.#failures[0]
  }

  #take(event: AgentEvent): void {
    expect(event.seq).toBe(++this.#seq)
    expect(event.randomId).toBe(this.runId)
    expect(this.end).toBeUndefined()
    if (event.type === 'run.start') {
      expect(event.seq).toBe(1)
      this.start = event
    } else if (event.type === 'run.end') this.end = event
    else if (event.type === 'agent.moved') this.#moved(event)
    else if (event.type.endsWith('.start')) this.#started(event)
    else this.#ended(event)
  }

  #started(event: AgentEvent): void {
    expect(this.spans.has(event.spanId)).toBe(false)
    this.spans.set(event.spanId, { start: event, parentSpanId: event.parentSpanId, end: undefined })
    this.#stands(event)
  }

  #moved(event: AgentEvent): void {
    const seen = this.spans.get(event.spanId)
    expect(seen?.parentSpanId).not.toBe(event.parentSpanId)
    if (seen !== undefined) seen.parentSpanId = event.parentSpanId
    this.moves++
    this.#stands(event)
  }

  #ended(event: AgentEvent): void {
    const seen = this.spans.get(event.spanId)
    expect(seen).toBeDefined()
    if (seen === undefined) return
    expect(seen.end).toBeUndefined()
    seen.end = event
    this.#stands(event)
    if ('unpricedCalls' in event) expect(event.tokenUsage).toEqual(this.#usageBelow(event.spanId))
  }

  /** The event says where the span hangs, by what was told before. */
  #stands(event: AgentEvent): void {
    expect(event.parentSpanId).toBe(this.spans.get(event.spanId)?.parentSpanId)
    if (event.parentSpanId !== undefined) {
      expect([this.start?.spanId, ...this.spans.keys()]).toContain(event.parentSpanId)
    }
    expect(event.nodeId).toBe(this.#nodeOf(event.spanId))
  }

  #nodeOf(spanId: string): string | undefined {
    for (let at = this.spans.get(spanId); at !== undefined; ) {
      if (at.start.type === 'agent.start') return at.start.spanId
      if (at.parentSpanId === undefined) return this.runId
      at = this.spans.get(at.parentSpanId)
    }
    return this.start?.nodeId
  }

  #usageBelow(spanId: string) {
    let inputTokens = 0
    for (const [id, { end }] of this.spans) {
      if (end?.type !== 'agent.llm.end' || !this.#isBelow(id, spanId)) continue
      inputTokens += end.tokenUsage?.inputTokens ?? 0
    }
    return { inputTokens, outputTokens: 0, totalTokens: inputTokens }
  }

  #isBelow(spanId: string, above: string): boolean {
    for (let at: string | undefined = spanId; at !== undefined; ) {
      if (at === above) return true
      at = this.spans.get(at)?.parentSpanId
    }
    return false
  }
}
