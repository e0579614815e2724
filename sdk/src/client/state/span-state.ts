import type { AgentEvent, Chunk, ErrorInfo, NodeKind, RunStatus } from '../../event/agent-event.ts'
import type { TokenUsage } from '../../event/usage.ts'
import { SortedList } from './sorted-list.ts'

/** What a span is; `unknown` while nothing but its children, chunks or custom events has been seen of it. */
export type SpanKind = NodeKind | 'tool' | 'llm' | 'unknown'

/** One chunk of streamed text and those before it. */
interface ChunkLink {
  readonly seq: number
  readonly delta: string
  readonly before: ChunkLink | undefined
}

/** One span as far as it has been seen: its start, its end, or neither may be missing. Times are milliseconds. */
export interface SpanState {
  readonly spanId: string
  /** The nearest ancestor that has events; `undefined` at a root. */
  readonly parentSpanId: string | undefined
  readonly traceId: string
  readonly nodeId: string
  readonly namespace: string | undefined
  readonly kind: SpanKind
  /** Of the node or tool; of a model call its model. Empty while it is not known. */
  readonly name: string
  /**
   * `running` until its end has been seen, also if that was lost: `spanStatus` tells those apart. `cancelled` is told
   * of a run's root alone.
   */
  readonly status: 'running' | RunStatus
  /** Since the Unix epoch; `undefined` if the start was lost. */
  readonly startedAt: number | undefined
  readonly endedAt: number | undefined
  readonly duration: number | undefined
  /** A node's or model call's input, a tool's arguments. */
  readonly input: unknown
  /** A node's or model call's output, a tool's result. */
  readonly output: unknown
  readonly error: ErrorInfo | undefined
  readonly provider: string | undefined
  readonly toolCallId: string | undefined
  /** Of a model call its own usage, of a node that has ended the sum of its subtree; `null` if not known. */
  readonly tokenUsage: TokenUsage | null
  /** US dollars, as `tokenUsage`. */
  readonly cost: number | null
  /** Model calls of the subtree without a price. */
  readonly unpricedCalls: number
  /** Model calls of the subtree without usage. */
  readonly unmeteredCalls: number
  /** Milliseconds to the first streamed chunk, of a model call that has ended. */
  readonly timeToFirstChunk: number | undefined
  /** What it streamed as text: the first `MAX_TEXT` characters, and the chunk that passes them. */
  readonly text: string
  /** What it streamed as reasoning. */
  readonly reasoning: string
  /** Chunk events of every kind. */
  readonly chunks: number
  /** JSON Pointers of values in its start and end that were shortened. */
  readonly truncated: readonly string[]
  /** The spans directly below, in the order in which they were first seen. */
  readonly childIds: SortedList<string>
  /** Its place among its siblings: the lowest `seq` that it was seen at. For the reducer. */
  readonly order: number
  /** The lowest `seq` of its text; `undefined` if it streamed none. For the reducer. */
  readonly textFrom: number | undefined
  /** The lowest `seq` that told a failure; `undefined` if none did. For the reducer. */
  readonly failedAt: number | undefined
  /** The `seq` that told its parent. For the reducer. */
  readonly placedAt: number
  /** What `text` and `reasoning` were put together from. For the reducer. */
  readonly textLinks: ChunkLink | undefined
  readonly reasoningLinks: ChunkLink | undefined
}

const NO_CHILDREN: SortedList<string> = SortedList.of()
const NOTHING: readonly string[] = Object.freeze([])

/** A span of which nothing has been seen but that an event speaks of it. */
export function unseenSpan(spanId: string, traceId: string, order: number): SpanState {
  return {
    spanId,
    parentSpanId: undefined,
    traceId,
    nodeId: spanId,
    namespace: undefined,
    kind: 'unknown',
    name: '',
    status: 'running',
    startedAt: undefined,
    endedAt: undefined,
    duration: undefined,
    input: undefined,
    output: undefined,
    error: undefined,
    provider: undefined,
    toolCallId: undefined,
    tokenUsage: null,
    cost: null,
    unpricedCalls: 0,
    unmeteredCalls: 0,
    timeToFirstChunk: undefined,
    text: '',
    reasoning: '',
    chunks: 0,
    truncated: NOTHING,
    childIds: NO_CHILDREN,
    order,
    textFrom: undefined,
    failedAt: undefined,
    placedAt: 0,
    textLinks: undefined,
    reasoningLinks: undefined,
  }
}

/**
 * The span after one more of its events. What its start and its end both tell, the end tells better; and what a run's
 * root tells as a node counts more than what the run tells of it.
 */
export function reduceSpan(span: SpanState, event: AgentEvent): SpanState {
  const { seq } = event
  const next = { ...span, ...factsOf(span, event) }
  if (seq < span.order) next.order = seq
  const ofRun = event.type === 'run.start' || event.type === 'run.end'
  if (ofRun ? span.placedAt === 0 : seq > span.placedAt) {
    if (!ofRun) next.placedAt = seq
    next.parentSpanId = event.parentSpanId === event.spanId ? undefined : event.parentSpanId
    next.nodeId = event.nodeId
    next.traceId = event.traceId
    next.namespace = event.namespace
  }
  if (event.truncated !== undefined) {
    next.truncated = [...new Set([...span.truncated, ...event.truncated])].sort()
  }
  if ('error' in event && event.error !== undefined) {
    next.failedAt = Math.min(seq, span.failedAt ?? seq)
  }
  return next
}

function factsOf(span: SpanState, event: AgentEvent): Partial<SpanState> {
  const { timestamp } = event
  const ended = span.endedAt !== undefined
  switch (event.type) {
    case 'run.start':
      return {
        kind: span.startedAt === undefined ? 'workflow' : span.kind,
        name: span.name || event.name,
        startedAt: span.startedAt ?? timestamp,
        input: span.input ?? event.input,
      }
    case 'run.end': {
      if (ended) return {}
      const { duration, output, error, status } = event
      const end = { status, endedAt: timestamp, duration, output, error }
      return { ...end, ...totalsOf(event) }
    }
    case 'agent.start':
      return {
        kind: event.nodeKind,
        name: (ended && span.name) || event.nodeName,
        startedAt: timestamp,
        input: span.input ?? event.input,
      }
    case 'agent.tool.start':
      return {
        kind: 'tool',
        name: (ended && span.name) || event.toolName,
        startedAt: timestamp,
        input: span.input ?? event.args,
        toolCallId: span.toolCallId ?? event.toolCallId,
      }
    case 'agent.llm.start':
      return {
        kind: 'llm',
        name: (ended && span.name) || (event.model ?? ''),
        startedAt: timestamp,
        input: span.input ?? event.input,
        provider: span.provider ?? event.provider,
      }
    case 'agent.end':
      return {
        // Which kind of node, the start tells; the end only if that was wrong.
        ...kindOf(span, event),
        ...totalsOf(event),
        ...endOf(span, event, event.nodeName),
        input: event.input ?? span.input,
        output: event.output,
      }
    case 'agent.error':
      return {
        ...kindOf(span, event),
        ...totalsOf(event),
        ...endOf(span, event, event.nodeName),
        input: event.input ?? span.input,
        output: undefined,
      }
    case 'agent.tool.end':
      return {
        kind: 'tool',
        ...endOf(span, event, event.toolName),
        input: event.args ?? span.input,
        output: event.result,
        toolCallId: event.toolCallId ?? span.toolCallId,
      }
    case 'agent.llm.end':
      return {
        kind: 'llm',
        ...endOf(span, event, event.model ?? ''),
        input: event.input ?? span.input,
        output: event.output,
        provider: event.provider ?? span.provider,
        tokenUsage: event.tokenUsage,
        cost: event.cost,
        unpricedCalls: event.cost === null ? 1 : 0,
        unmeteredCalls: event.tokenUsage === null ? 1 : 0,
        timeToFirstChunk: event.timeToFirstChunk,
      }
    case 'agent.chunk':
      return { chunks: span.chunks + 1, ...streamed(span, event) }
    default:
      return {}
  }
}

/** Characters kept of the text and of the reasoning of one span. */
export const MAX_TEXT: number = 4 * 1024 * 1024

interface Ending {
  readonly timestamp: number
  readonly duration: number
  readonly error?: ErrorInfo
  readonly abandoned?: true
}

function endOf(span: SpanState, ending: Ending, name: string): Partial<SpanState> {
  const { timestamp, duration, error, abandoned } = ending
  const status = error !== undefined ? 'error' : abandoned ? 'abandoned' : 'ok'
  return { status, endedAt: timestamp, duration, error, name: name || span.name }
}

function totalsOf(
  event: Extract<AgentEvent, { type: 'run.end' | 'agent.end' | 'agent.error' }>,
): Partial<SpanState> {
  const { tokenUsage, cost, unpricedCalls, unmeteredCalls } = event
  return { tokenUsage, cost, unpricedCalls, unmeteredCalls }
}

function kindOf(span: SpanState, { nodeKind }: { nodeKind?: NodeKind }): Partial<SpanState> {
  if (nodeKind !== undefined) return { kind: nodeKind }
  return span.kind === 'unknown' ? { kind: 'agent' } : {}
}

function streamed(span: SpanState, { seq, kind, delta }: Chunk): Partial<SpanState> {
  if (kind === 'data' || typeof delta !== 'string') return {}
  if (kind === 'reasoning') {
    const { reasoningLinks, reasoning } = span
    if (reasoning.length >= MAX_TEXT) return {}
    const links = linked(reasoningLinks, seq, delta)
    const isLast = links.before === reasoningLinks
    return { reasoningLinks: links, reasoning: isLast ? reasoning + delta : textOf(links) }
  }
  if (span.text.length >= MAX_TEXT) return {}
  const links = linked(span.textLinks, seq, delta)
  const isLast = links.before === span.textLinks
  return {
    textLinks: links,
    text: isLast ? span.text + delta : textOf(links),
    textFrom: Math.min(seq, span.textFrom ?? seq),
  }
}

/** The chain with one chunk more, at its place. */
function linked(chain: ChunkLink | undefined, seq: number, delta: string): ChunkLink {
  const later: ChunkLink[] = []
  let before = chain
  while (before !== undefined && before.seq > seq) {
    later.push(before)
    before = before.before
  }
  let link: ChunkLink = { seq, delta, before }
  for (let one = later.pop(); one !== undefined; one = later.pop()) link = { ...one, before: link }
  return link
}

function textOf(chain: ChunkLink | undefined): string {
  const deltas: string[] = []
  for (let link = chain; link !== undefined; link = link.before) deltas.push(link.delta)
  return deltas.reverse().join('')
}
