import type { AgentEnd, AgentError, RunEnd } from '@spancast/sdk'
import type { NodePlace, Place, ToolPlace, Voice } from './moment.ts'
import { plainError } from './plain-error.ts'
import type { Translate, WireRecord } from './wire-record.ts'

/**
 * Moments as chunks of the AI SDK's UI message stream. A run is one assistant message: its texts are the parts of the
 * message, in the order in which they begin, and say in `providerMetadata.spancast` whose they are. Tools are dynamic
 * and have been executed. Nodes and model calls are `data-spancast-*` parts, which change in place.
 */
export const aiSdk: Translate = (moment, randomId) => {
  switch (moment.is) {
    case 'run.begun': {
      const start = { type: 'start', messageId: randomId }
      // A message that goes on is in its step.
      return moment.again ? [start] : [start, { type: 'start-step' }]
    }
    case 'run.told': {
      const { name, input, timestamp } = moment.event
      return [metadata({ randomId, name, input, startedAt: timestamp, status: 'running' })]
    }
    case 'run.ended':
      return runEnd(moment.event)
    case 'node.begun':
      return [agentPart(moment.node, 'running')]
    case 'node.ended':
      return [nodeEnded(moment.node, moment.event)]
    case 'tool.begun':
      return [{ type: 'tool-input-start', ...toolFields(moment.tool) }]
    case 'tool.called':
      return [
        { type: 'tool-input-available', ...toolFields(moment.tool), input: moment.args ?? null },
      ]
    case 'tool.ended': {
      const { tool, result, error } = moment
      const common = { toolCallId: tool.id, dynamic: true, providerExecuted: true }
      return error === undefined
        ? [{ type: 'tool-output-available', ...common, output: result ?? null }]
        : [{ type: 'tool-output-error', ...common, errorText: `${error.type}: ${error.message}` }]
    }
    case 'voice.begun': {
      const { voice } = moment
      const { of } = voice
      return [{ type: `${voice.kind}-start`, id: voice.id, ...about(of) }]
    }
    case 'voice.said':
      return [{ type: `${moment.voice.kind}-delta`, id: moment.voice.id, delta: moment.delta }]
    case 'voice.ended':
      return [{ type: `${moment.voice.kind}-end`, id: moment.voice.id }]
    case 'model.begun': {
      const { model, provider } = moment.event
      return [modelPart(moment.place, { model, provider, status: 'running' })]
    }
    case 'model.ended': {
      const { place, event } = moment
      const { model, provider, duration, tokenUsage, cost, timeToFirstChunk, error } = event
      const status = event.abandoned === true ? 'abandoned' : error === undefined ? 'ok' : 'error'
      const facts = { model, provider, status, duration, tokenUsage, cost, timeToFirstChunk }
      return [modelPart(place, { ...facts, error: plainError(error) })]
    }
    case 'chunk': {
      const { index, kind, delta } = moment.event
      const { id: spanId, nodeId } = moment.place
      // Whoever streams objects streams many: they are told, and not kept in the message.
      return [transient('chunk', { spanId, nodeId, index, kind, delta })]
    }
    case 'custom':
      return [customPart(moment.event.name, moment.event.content ?? null)]
    case 'other':
      return [transient('event', moment.event)]
    case 'gap': {
      const { type: _, ...data } = moment.record
      return [{ type: 'data-spancast-gap', data }]
    }
    case 'cut': {
      const { reason, lastSeq } = moment.record
      if (reason === 'disposed') return [{ type: 'error', errorText: 'The run was let go.' }]
      return [transient('end', { reason, lastSeq, since: moment.since })]
    }
  }
}

function runEnd(event: RunEnd): WireRecord[] {
  const { status, duration, tokenUsage, cost, unpricedCalls, unmeteredCalls, output, error } = event
  const totals = { tokenUsage, cost, unpricedCalls, unmeteredCalls }
  const records = [
    { type: 'finish-step' },
    metadata({ status, duration, ...totals, output, error: plainError(error) }),
  ]
  if (status === 'ok') return [...records, { type: 'finish', finishReason: 'stop' }]
  if (status === 'cancelled') {
    return [...records, { type: 'abort', reason: 'cancelled' }, finish('other')]
  }
  const errorText = error?.message ?? 'The run never ended by itself.'
  return [...records, { type: 'error', errorText }, finish('error')]
}

function finish(finishReason: string): WireRecord {
  return { type: 'finish', finishReason }
}

function metadata(spancast: Readonly<Record<string, unknown>>): WireRecord {
  return { type: 'message-metadata', messageMetadata: { spancast } }
}

function nodeEnded(node: NodePlace, event: AgentEnd | AgentError | undefined): WireRecord {
  if (event === undefined) return agentPart(node, 'abandoned')
  const { duration, tokenUsage, cost, unpricedCalls, unmeteredCalls } = event
  const totals = { duration, tokenUsage, cost, unpricedCalls, unmeteredCalls }
  if (event.type === 'agent.error') {
    return agentPart(node, 'error', { ...totals, error: plainError(event.error) })
  }
  return agentPart(node, event.abandoned === true ? 'abandoned' : 'ok', totals)
}

function agentPart(node: NodePlace, status: string, facts: object = {}): WireRecord {
  const { id, nodeId, name, kind, parentId } = node
  const data = { nodeId, name, kind, parentId, status, ...facts }
  return { type: 'data-spancast-agent', id, data }
}

function modelPart({ id, nodeId }: Place, facts: object): WireRecord {
  return { type: 'data-spancast-llm', id, data: { nodeId, ...facts } }
}

function toolFields({ id, name, nodeId, callId }: ToolPlace): Readonly<Record<string, unknown>> {
  return {
    toolCallId: id,
    toolName: name,
    dynamic: true,
    // Else the reader would execute it, or wait for somebody who does.
    providerExecuted: true,
    providerMetadata: {
      spancast: { nodeId, ...(callId !== undefined && { toolCallId: callId }) },
    },
  }
}

function about(of: Voice['of']): Readonly<Record<string, unknown>> {
  const { id: spanId, nodeId, subagent } = of
  const spancast = { spanId, nodeId, ...(subagent !== undefined && { subagent }) }
  return { providerMetadata: { spancast } }
}

/** The application's own event under its own name, so that a typed data part can take it. */
function customPart(name: string, content: unknown): WireRecord {
  if (!name.startsWith('spancast-')) return { type: `data-${name}`, data: content }
  return transient('event', { type: 'agent.event', name, content })
}

function transient(what: string, data: unknown): WireRecord {
  return { type: `data-spancast-${what}`, data, transient: true }
}
