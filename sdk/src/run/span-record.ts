import type { Recognised } from '../dialect/span-facts.ts'
import type { AgentEvent, ChunkKind, ErrorInfo } from '../event/agent-event.ts'
import { capNamespace } from '../event/cap.ts'
import { type Captured, capture } from '../event/content.ts'
import { NO_TOTALS, TotalsSum } from '../event/totals.ts'
import { addUsage, type TokenUsage, type Totals } from '../event/usage.ts'
import type { AgentObserver } from '../observer/agent-observer.ts'
import type { EventBuilder } from '../observer/entry.ts'
import { ChunkJoiner } from './chunk-joiner.ts'
import type { Run } from './run.ts'
import { ChunkContent, CustomContent } from './signal-content.ts'
import { buildSpanEvent } from './span-events.ts'
import type { SpanOpening } from './span-opening.ts'
import { STANDS, type Standing } from './standing.ts'

/** What a node turned out to be, if that is another thing than its start has told. */
export type Turned = 'agent' | 'tool' | undefined

/** What the end of a span told beside its time, its output and its error. */
export interface SpanFindings {
  /** The name as it is known now. */
  readonly name: string | undefined
  readonly provider: string | undefined
  readonly toolCallId: string | undefined
  readonly turned: Turned
  /** Input that was not known at the start. */
  readonly input: Captured | undefined
  readonly usage: TokenUsage | null
  readonly cost: number | null
  readonly timeToFirstChunk: number | undefined
}

/** What was recorded for a span by hand, while it was open. */
export interface Recorded {
  usage: TokenUsage | undefined
  cost: number | undefined
  model: string | undefined
  provider: string | undefined
}

// No tree of calls is as deep; what a hostile sender claims may be.
const MAX_DEPTH = 1000

/**
 * One recognised span of a run, from its start until its events are read: it is all that is kept of the span.
 * Children find their place through it, and signals their way to the run.
 */
export class SpanRecord implements EventBuilder, Standing {
  readonly run: Run
  readonly is: Recognised
  readonly traceId: string
  readonly spanId: string
  /** The nearest ancestor that has events. */
  parent: SpanRecord | undefined
  /** The caller's span, where another process has opened the run. */
  readonly remoteParentId: string | undefined
  /** The namespace that was given to this span or to one above it. */
  readonly namespace: string | undefined
  readonly timestamp: number
  /** Whether its run stands and falls with it. */
  readonly root: boolean
  /** Whether it is a span of our own wrapper, into which a foreign span of the same call may be folded. */
  readonly own: boolean
  /** Whether its library may never end it: it closes with its parent then. */
  readonly leftOpen: boolean
  folded = false
  /** Whether its run took its start: a span that came too late is only counted. */
  live = false
  open = true
  /** Whether it never ended by itself. */
  abandoned = false
  input: Captured | undefined
  output: Captured | undefined
  /** While it is open, what a part of it has told. */
  error: ErrorInfo | undefined
  duration = 0
  findings: SpanFindings | undefined
  /** Totals at its end. */
  totals: Totals = NO_TOTALS
  recorded: Recorded | undefined
  /** Open spans right below that their library may leave open. */
  leaving = 0
  /** Neighbours in the run's list of open spans. */
  previous: SpanRecord | undefined
  next: SpanRecord | undefined
  #toldInside = false
  #metered = false
  #sum: TotalsSum | undefined
  #chunks: ChunkJoiner | undefined

  constructor(run: Run, parent: SpanRecord | undefined, opening: SpanOpening) {
    const { is } = opening
    this.run = run
    this.is = is
    this.traceId = opening.traceId
    this.spanId = opening.spanId
    this.parent = parent
    this.remoteParentId = opening.remoteParentId
    this.namespace = is.namespace ?? parent?.namespace
    this.timestamp = opening.timestamp
    this.root = opening.root
    this.own = opening.own
    this.leftOpen = opening.leftOpen === true
    this.input = opening.input
  }

  get stands(): typeof STANDS {
    return STANDS
  }

  get record(): SpanRecord {
    return this
  }

  get observer(): AgentObserver {
    return this.run.observer
  }

  get isNode(): boolean {
    return this.is.role !== 'tool' && this.is.role !== 'llm'
  }

  /** The nearest ancestor that has events. What called the process stands above the root that it has for itself. */
  get parentSpanId(): string | undefined {
    const { parent } = this
    if (parent === undefined) return this.remoteParentId
    return parent.is.role === 'run' ? (parent.remoteParentId ?? parent.spanId) : parent.spanId
  }

  /** The nearest enclosing node: itself if it is one. */
  get node(): SpanRecord | undefined {
    let at: SpanRecord | undefined = this
    for (let depth = 0; at !== undefined && !at.isNode && depth < MAX_DEPTH; depth++) at = at.parent
    return at?.isNode === true ? at : undefined
  }

  /** The id that this node goes by; for what is no node, its enclosing node's, unless one was given. */
  get nodeId(): string {
    const { node } = this
    if (this.is.nodeId !== undefined) return this.is.nodeId
    return node === undefined ? this.run.observer.randomId : (node.is.nodeId ?? node.spanId)
  }

  /** A given one, here or above; else the node's own name; else its node's. */
  get effectiveNamespace(): string | undefined {
    const given = this.namespace ?? this.node?.is.name
    return given === undefined ? undefined : capNamespace(given)
  }

  /** A model call of this span: it counts for itself and for all that it hangs below. */
  countCall(usage: TokenUsage | null, cost: number | null): void {
    this.run.observer.life.addCall(usage, cost)
    this.#metered ||= usage !== null
    this.#tellOuter()
    let at: SpanRecord | undefined = this
    for (let depth = 0; at !== undefined && depth < MAX_DEPTH; depth++) {
      at.#sum ??= new TotalsSum()
      at.#sum.add(usage, cost)
      at = at.parent
    }
  }

  /**
   * Hangs it below a span that came later than it did, which then has its calls in its totals.
   *
   * @returns whether it does: it cannot hang below itself, or too deep.
   */
  moveBelow(parent: SpanRecord): boolean {
    const above: SpanRecord[] = []
    for (let at: SpanRecord | undefined = parent; at !== undefined; at = at.parent) {
      if (at === this || above.length === MAX_DEPTH) return false
      above.push(at)
    }
    this.parent = parent
    this.#tellOuter()
    const calls = this.#sum
    if (calls !== undefined) for (const ancestor of above) ancestor.#absorb(calls)
    return true
  }

  /** Whether another library has told this very call, inside it or around it, and its usage counts already. */
  get isToldAgain(): boolean {
    if (this.is.role !== 'llm') return false
    const { parent } = this
    return this.#toldInside || (parent?.is.role === 'llm' && parent.#metered)
  }

  #tellOuter(): void {
    const { parent } = this
    if (!this.#metered || this.is.role !== 'llm' || parent?.is.role !== 'llm') return
    parent.#toldInside = true
  }

  #absorb(calls: TotalsSum): void {
    this.#sum ??= new TotalsSum()
    this.#sum.absorb(calls)
  }

  /** Keeps the totals as they are now: what comes later belongs to nobody's end. */
  closeTotals(): void {
    if (this.#sum !== undefined && this.isNode) this.totals = this.#sum.value()
  }

  build(type: AgentEvent['type'], seq: number): AgentEvent {
    return buildSpanEvent(this, type, seq)
  }

  chunk(delta: unknown, kind: ChunkKind): void {
    if (!this.open || !this.live) return
    this.#chunks ??= new ChunkJoiner((index, joined, jointKind, timestamp) => {
      const rules = this.run.liveRules
      if (rules === undefined) return
      const captured = capture(joined, rules.maxContentBytes)
      const content = new ChunkContent(this, index, jointKind, captured, timestamp)
      this.run.observer.append('agent.chunk', content, bytesOf(captured), true, timestamp)
    })
    this.#chunks.push(delta, kind)
  }

  /** @param timestamp - When it happened, in milliseconds since the Unix epoch. Default: now. */
  event(name: string, content: unknown, namespace?: string, timestamp: number = Date.now()): void {
    this.flushChunks()
    const rules = this.run.liveRules
    const captured = rules === undefined ? undefined : capture(content, rules.maxContentBytes)
    const own = namespace === undefined ? undefined : capNamespace(namespace)
    const signal = new CustomContent(this, name, captured, own, timestamp)
    const { observer } = this.run
    const scope = own ?? this.effectiveNamespace
    if (scope !== undefined) observer.life.addNamespace(scope)
    observer.append('agent.event', signal, bytesOf(captured), name === 'chunk', timestamp)
  }

  usage(usage: TokenUsage, model?: string, provider?: string): void {
    const recorded = this.#recorded()
    recorded.usage = recorded.usage === undefined ? usage : addUsage(recorded.usage, usage)
    recorded.model = model ?? recorded.model
    recorded.provider = provider ?? recorded.provider
  }

  cost(usd: number): void {
    const recorded = this.#recorded()
    recorded.cost = (recorded.cost ?? 0) + usd
  }

  /** Sends chunks that still wait to be joined. */
  flushChunks(): void {
    this.#chunks?.flush()
  }

  #recorded(): Recorded {
    this.recorded ??= { usage: undefined, cost: undefined, model: undefined, provider: undefined }
    return this.recorded
  }
}

/** What captured content takes in memory, roughly. */
export function bytesOf(captured: Captured | undefined): number {
  return captured === undefined ? 0 : captured.length
}
