import type { AgentEvent, EventBase, NodeKind } from '../event/agent-event.ts'
import { capText } from '../event/cap.ts'
import { type Captured, type Published, publish } from '../event/content.ts'
import { baseOf, MAX_NAME_BYTES } from './event-base.ts'
import type { SpanRecord } from './span-record.ts'

/** Builds the start or the end event of a span from its record. */
export function buildSpanEvent(
  span: SpanRecord,
  type: AgentEvent['type'],
  seq: number,
): AgentEvent {
  switch (type) {
    case 'agent.start':
      return nodeStart(span, seq)
    case 'agent.tool.start':
      return toolStart(span, seq)
    case 'agent.llm.start':
      return llmStart(span, seq)
    case 'agent.tool.end':
      return toolEnd(span, seq)
    case 'agent.llm.end':
      return llmEnd(span, seq)
    case 'agent.moved':
      return { type: 'agent.moved', ...baseOf(span, seq, span.timestamp) }
    default:
      return nodeEnd(span, type, seq)
  }
}

function nodeStart(span: SpanRecord, seq: number): AgentEvent {
  const parentNode = span.parent?.node
  const input = contentOf(span, span.input, 'input')
  return {
    type: 'agent.start',
    ...baseOf(span, seq, span.timestamp),
    nodeName: nameOf(span, span.is.name),
    nodeKind: nodeKindOf(span),
    ...(parentNode !== undefined && { parentNodeId: parentNode.nodeId }),
    ...(input !== undefined && { input: input.value }),
    ...shortened(input),
  }
}

function nodeEnd(span: SpanRecord, type: AgentEvent['type'], seq: number): AgentEvent {
  const base: EventBase = baseOf(span, seq, span.timestamp + span.duration)
  const nodeName = nameOf(span, span.findings?.name)
  const { duration, totals } = span
  const isAgent = span.findings?.turned === 'agent'
  const input = contentOf(span, span.findings?.input, 'input')
  const known = {
    nodeName,
    duration,
    ...(isAgent && { nodeKind: 'agent' as const }),
    ...totals,
    ...(input !== undefined && { input: input.value }),
  }
  if (type === 'agent.error') {
    const error = span.error ?? { type: 'Error', message: '' }
    return { type: 'agent.error', ...base, ...known, error, ...shortened(input) }
  }
  const output = contentOf(span, span.output, 'output')
  return {
    type: 'agent.end',
    ...base,
    ...known,
    ...(output !== undefined && { output: output.value }),
    ...(span.abandoned && { abandoned: true }),
    ...shortened(input, output),
  }
}

function toolStart(span: SpanRecord, seq: number): AgentEvent {
  const args = contentOf(span, span.input, 'args')
  return {
    type: 'agent.tool.start',
    ...baseOf(span, seq, span.timestamp),
    toolName: nameOf(span, span.is.name),
    ...(span.is.toolCallId !== undefined && { toolCallId: span.is.toolCallId }),
    args: args?.value ?? null,
    ...shortened(args),
  }
}

function toolEnd(span: SpanRecord, seq: number): AgentEvent {
  const args = contentOf(span, span.findings?.input, 'args')
  const result = contentOf(span, span.output, 'result')
  const toolCallId = span.findings?.toolCallId ?? span.is.toolCallId
  return {
    type: 'agent.tool.end',
    ...baseOf(span, seq, span.timestamp + span.duration),
    toolName: nameOf(span, span.findings?.name),
    ...(toolCallId !== undefined && { toolCallId }),
    duration: span.duration,
    ...(args !== undefined && { args: args.value }),
    ...(result !== undefined && { result: result.value }),
    ...(span.error !== undefined && { error: span.error }),
    ...(span.abandoned && { abandoned: true }),
    ...shortened(args, result),
  }
}

function llmStart(span: SpanRecord, seq: number): AgentEvent {
  const input = contentOf(span, span.input, 'input')
  return {
    type: 'agent.llm.start',
    ...baseOf(span, seq, span.timestamp),
    model: modelOf(span.is.name),
    ...(span.is.provider !== undefined && { provider: span.is.provider }),
    ...(input !== undefined && { input: input.value }),
    ...shortened(input),
  }
}

function llmEnd(span: SpanRecord, seq: number): AgentEvent {
  const input = contentOf(span, span.findings?.input, 'input')
  const output = contentOf(span, span.output, 'output')
  const provider = span.findings?.provider ?? span.is.provider
  const firstChunk = span.findings?.timeToFirstChunk
  return {
    type: 'agent.llm.end',
    ...baseOf(span, seq, span.timestamp + span.duration),
    model: modelOf(span.findings?.name ?? span.is.name),
    ...(provider !== undefined && { provider }),
    duration: span.duration,
    tokenUsage: span.findings?.usage ?? null,
    cost: span.findings?.cost ?? null,
    ...(firstChunk !== undefined && { timeToFirstChunk: firstChunk }),
    ...(input !== undefined && { input: input.value }),
    ...(output !== undefined && { output: output.value }),
    ...(span.error !== undefined && { error: span.error }),
    ...(span.abandoned && { abandoned: true }),
    ...shortened(input, output),
  }
}

function contentOf(
  span: SpanRecord,
  captured: Captured | undefined,
  field: string,
): Published | undefined {
  const rules = span.run.liveRules
  return captured === undefined || rules === undefined ? undefined : publish(captured, field, rules)
}

function shortened(...parts: (Published | undefined)[]): { truncated?: readonly string[] } {
  const truncated = parts.flatMap((part) => part?.truncated ?? [])
  return truncated.length === 0 ? {} : { truncated }
}

function nameOf(span: SpanRecord, name: string | undefined): string {
  return capText(name ?? span.is.name ?? span.is.role, MAX_NAME_BYTES)
}

function modelOf(name: string | undefined): string | null {
  return name === undefined ? null : capText(name, MAX_NAME_BYTES)
}

function nodeKindOf(span: SpanRecord): NodeKind {
  const { role } = span.is
  return role === 'workflow' || role === 'step' ? role : 'agent'
}
