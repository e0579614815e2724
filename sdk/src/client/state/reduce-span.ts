import type { AgentEvent, Chunk, ErrorInfo, NodeKind } from '../../event/agent-event.ts'
import { linked, textOf } from './chunk-chain.ts'
import { MAX_TEXT, type SpanState } from './span-state.ts'

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
        kind: span.kindFrom === 0 ? 'workflow' : span.kind,
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
        ...kindOf(span, event),
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
        // What began as a node may turn out to be a tool only now.
        kind: 'tool',
        kindFrom: event.seq,
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

/** Which kind of node it is, the start tells; the end tells it only if that was wrong. */
function kindOf(
  span: SpanState,
  { seq, nodeKind }: Pick<AgentEvent, 'seq'> & { readonly nodeKind?: NodeKind },
): Partial<SpanState> {
  if (nodeKind === undefined) return span.kind === 'unknown' ? { kind: 'agent' } : {}
  return seq > span.kindFrom ? { kind: nodeKind, kindFrom: seq } : {}
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
