import type { AgentObserver, ErrorInfo, ObserverRegistry, TokenUsage } from '@spancast/sdk'

export const TRACE_ID = '4bf92f3577b34da6a3ce929d0e0e4736'
const NO_TOTALS = {
  tokenUsage: { inputTokens: 0, outputTokens: 0, totalTokens: 0 },
  cost: 0,
  unpricedCalls: 0,
  unmeteredCalls: 0,
}

/** A step that was started. */
export interface Step {
  readonly spanId: string
  readonly startedAt: number
  readonly name: string
  readonly kind: 'agent' | 'tool' | 'llm'
}

/** An agent that does what a test says, when it says so. */
export class ScriptedRun {
  readonly observer: AgentObserver
  readonly root: Step
  #spans = 0
  readonly #chunks = new Map<string, number>()

  constructor(registry: ObserverRegistry, randomId: string, name = 'research-agent') {
    this.observer = registry.create(randomId)
    const spanId = this.#spanId()
    const timestamp = Date.now()
    this.root = { spanId, startedAt: timestamp, name, kind: 'agent' }
    this.observer.emit({ type: 'run.start', name, timestamp, spanId, traceId: TRACE_ID })
    this.#startAs(this.root, undefined)
  }

  agent(name: string, parent: Step = this.root): Step {
    return this.#start(name, 'agent', parent)
  }

  tool(name: string, parent: Step = this.root, args: unknown = { q: 'otel' }): Step {
    return this.#start(name, 'tool', parent, args)
  }

  llm(name: string, parent: Step = this.root): Step {
    return this.#start(name, 'llm', parent)
  }

  chunk({ spanId }: Step, delta: string, kind: 'text' | 'reasoning' = 'text'): void {
    const index = this.#chunks.get(spanId) ?? 0
    this.#chunks.set(spanId, index + 1)
    const place = { spanId, parentSpanId: this.root.spanId, traceId: TRACE_ID }
    this.observer.emit({ type: 'agent.chunk', index, delta, kind, ...place })
  }

  say(name: string, content: unknown, { spanId }: Step = this.root): void {
    this.observer.emit({ type: 'agent.event', name, content, spanId, traceId: TRACE_ID })
  }

  /** Ends a step. `outcome` is its result, or why it failed. */
  end(step: Step, outcome: { readonly result?: unknown; readonly error?: ErrorInfo } = {}): number {
    const { spanId, name, startedAt } = step
    const timestamp = Date.now()
    const duration = timestamp - startedAt
    const base = { spanId, timestamp, duration, traceId: TRACE_ID, ...this.#parents.get(spanId) }
    const { result, error } = outcome
    if (step.kind === 'tool') {
      const fields = { toolName: name, result, ...(error && { error }) }
      this.observer.emit({ type: 'agent.tool.end', ...base, ...fields })
    } else if (error !== undefined) {
      this.observer.emit({ type: 'agent.error', nodeName: name, error, ...NO_TOTALS, ...base })
    } else {
      this.observer.emit({
        type: 'agent.end',
        nodeName: name,
        output: result,
        ...NO_TOTALS,
        ...base,
      })
    }
    return duration
  }

  endLlm(step: Step, tokenUsage: TokenUsage | null, cost: number | null): void {
    const { spanId, name, startedAt } = step
    const timestamp = Date.now()
    this.observer.emit({
      type: 'agent.llm.end',
      model: name,
      tokenUsage,
      cost,
      spanId,
      timestamp,
      duration: timestamp - startedAt,
      traceId: TRACE_ID,
      ...this.#parents.get(spanId),
    })
  }

  /** Ends the root, and the run with it. */
  finish(error?: ErrorInfo): void {
    this.end(this.root, error && { error })
    this.observer.life.finish({
      status: error === undefined ? 'ok' : 'error',
      timestamp: Date.now(),
      ...(error && { error }),
    })
  }

  readonly #parents = new Map<string, { readonly parentSpanId?: string }>()

  #start(name: string, kind: Step['kind'], parent: Step, args?: unknown): Step {
    const step = { spanId: this.#spanId(), startedAt: Date.now(), name, kind }
    this.#startAs(step, parent, args)
    return step
  }

  #startAs(
    { spanId, startedAt, name, kind }: Step,
    parent: Step | undefined,
    args?: unknown,
  ): void {
    const above = parent === undefined ? {} : { parentSpanId: parent.spanId }
    this.#parents.set(spanId, above)
    const base = { spanId, timestamp: startedAt, traceId: TRACE_ID, ...above }
    if (kind === 'tool') {
      this.observer.emit({ type: 'agent.tool.start', toolName: name, args, ...base })
    } else if (kind === 'llm') {
      this.observer.emit({ type: 'agent.llm.start', model: name, ...base })
    } else {
      this.observer.emit({ type: 'agent.start', nodeName: name, nodeKind: 'agent', ...base })
    }
  }

  #spanId(): string {
    return (++this.#spans).toString(16).padStart(16, '0')
  }
}
