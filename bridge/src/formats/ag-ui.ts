import type { AgentEnd, AgentError, RunEnd, TokenUsage } from '@spancast/sdk'
import type { NodePlace, Place, Voice } from './moment.ts'
import { plainError } from './plain-error.ts'
import type { Translate, WireRecord } from './wire-record.ts'

const PROTOCOL_VERSION = '1.0'

/**
 * Moments as events of AG-UI 1.0. Agents that other agents call are its subagents; agents that nobody calls, workflows
 * and steps are its steps. What it has no event for is `CUSTOM`, named `spancast.` and our type.
 */
export const agUi: Translate = (moment, randomId) => {
  switch (moment.is) {
    case 'run.begun': {
      const { at } = moment
      const ids = { threadId: randomId, runId: randomId }
      return [{ type: 'RUN_STARTED', ...ids, protocolVersion: PROTOCOL_VERSION, ...time(at) }]
    }
    case 'run.told': {
      const { name, input, timestamp } = moment.event
      const value = { name, input }
      return [{ type: 'CUSTOM', name: 'spancast.run.start', value, ...time(timestamp) }]
    }
    case 'run.ended':
      return [runEnd(moment.event, randomId)]
    case 'node.begun':
      return [nodeBegun(moment.node, moment.at)]
    case 'node.ended':
      return [nodeEnded(moment.node, moment.at, moment.event)]
    case 'tool.begun': {
      const { tool, at } = moment
      const metadata = {
        nodeId: tool.nodeId,
        ...(tool.callId !== undefined && { toolCallId: tool.callId }),
      }
      return [
        {
          type: 'TOOL_CALL_START',
          toolCallId: tool.id,
          toolCallName: tool.name,
          metadata,
          ...by(tool),
          ...time(at),
        },
      ]
    }
    case 'tool.called': {
      const { tool, at, again, args } = moment
      const common = { toolCallId: tool.id, ...by(tool), ...time(at) }
      const end = { type: 'TOOL_CALL_END', ...common }
      // A reader adds arguments up: one that resumes has them.
      return again ? [end] : [{ type: 'TOOL_CALL_ARGS', ...common, delta: argsText(args) }, end]
    }
    case 'tool.ended': {
      const { tool, at, result, error } = moment
      return [
        {
          type: 'TOOL_CALL_RESULT',
          messageId: `${tool.id}-result`,
          toolCallId: tool.id,
          content: error === undefined ? asText(result) : `${error.type}: ${error.message}`,
          role: 'tool',
          ...(error !== undefined && { metadata: { error: error.type } }),
          ...by(tool),
          ...time(at),
        },
      ]
    }
    case 'voice.begun':
      return voiceBegun(moment.voice, moment.at)
    case 'voice.said': {
      const { voice, delta, at } = moment
      const type = voice.kind === 'text' ? 'TEXT_MESSAGE_CONTENT' : 'REASONING_MESSAGE_CONTENT'
      return [{ type, messageId: voice.id, delta, ...by(voice.of), ...time(at) }]
    }
    case 'voice.ended':
      return voiceEnded(moment.voice, moment.at)
    case 'model.begun': {
      const { model, provider, timestamp } = moment.event
      return [custom('agent.llm.start', { model, provider }, moment.place, timestamp)]
    }
    case 'model.ended': {
      const { place, event } = moment
      const { model, provider, duration, tokenUsage, cost, timeToFirstChunk, error } = event
      const facts = { model, provider, duration, tokenUsage, cost, timeToFirstChunk }
      const value = { ...facts, error: plainError(error) }
      return [custom('agent.llm.end', value, place, event.timestamp)]
    }
    case 'chunk': {
      const { index, kind, delta, timestamp } = moment.event
      return [custom('agent.chunk', { index, kind, delta }, moment.place, timestamp)]
    }
    case 'custom': {
      const { name, content, timestamp } = moment.event
      return [told(name, content ?? null, moment.place, timestamp)]
    }
    case 'other':
      return [custom(moment.event.type, moment.event, moment.place, moment.event.timestamp)]
    case 'gap': {
      const { type, ...value } = moment.record
      return [{ type: 'CUSTOM', name: `spancast.${type}`, value }]
    }
    case 'cut': {
      const { type, reason, lastSeq } = moment.record
      if (reason === 'disposed') {
        return [{ type: 'RUN_ERROR', message: 'The run was let go.', code: 'disposed' }]
      }
      const value = { reason, lastSeq, since: moment.since }
      return [{ type: 'CUSTOM', name: `spancast.${type}`, value }]
    }
  }
}

function runEnd(event: RunEnd, randomId: string): WireRecord {
  const { status, output, error, tokenUsage } = event
  const usage = usageOf(tokenUsage)
  const common = { ...time(event.timestamp), ...(usage !== undefined && { usage: [usage] }) }
  if (status === 'error' || status === 'abandoned') {
    const message = error?.message ?? 'The run never ended by itself.'
    return { type: 'RUN_ERROR', message, code: error?.type ?? status, ...common }
  }
  return {
    type: 'RUN_FINISHED',
    threadId: randomId,
    runId: randomId,
    ...(output !== undefined && output !== null && { result: output }),
    outcome: { type: status === 'cancelled' ? 'cancelled' : 'success' },
    ...common,
  }
}

function nodeBegun(node: NodePlace, at: number): WireRecord {
  if (!isSubagent(node)) {
    return { type: 'STEP_STARTED', stepName: node.label, ...by(node), ...about(node, at) }
  }
  return {
    type: 'SUBAGENT_STARTED',
    subagentRunId: node.id,
    name: node.name,
    ...(node.parentSubagent !== undefined && { parentSubagentRunId: node.parentSubagent }),
    ...(node.inTool !== undefined && { parentToolCallId: node.inTool }),
    ...about(node, at),
  }
}

function nodeEnded(
  node: NodePlace,
  at: number,
  event: AgentEnd | AgentError | undefined,
): WireRecord {
  if (!isSubagent(node)) {
    return { type: 'STEP_FINISHED', stepName: node.label, ...by(node), ...about(node, at) }
  }
  const subagentRunId = node.id
  if (event?.type === 'agent.error') {
    const { message, type: code } = event.error
    return { type: 'SUBAGENT_ERROR', subagentRunId, message, code, ...about(node, at) }
  }
  if (event === undefined || event.abandoned === true) {
    const message = 'It never ended by itself.'
    return { type: 'SUBAGENT_ERROR', subagentRunId, message, code: 'abandoned', ...about(node, at) }
  }
  const { output } = event
  return {
    type: 'SUBAGENT_FINISHED',
    subagentRunId,
    ...(output !== undefined && output !== null && { result: output }),
    outcome: { type: 'success' },
    ...about(node, at),
  }
}

function voiceBegun(voice: Voice, at: number): WireRecord[] {
  const { id, kind, of } = voice
  const common = { messageId: id, ...by(of), ...about(of, at) }
  if (kind === 'text') return [{ type: 'TEXT_MESSAGE_START', role: 'assistant', ...common }]
  return [
    { type: 'REASONING_START', ...common },
    { type: 'REASONING_MESSAGE_START', role: 'reasoning', ...common },
  ]
}

function voiceEnded({ id, kind, of }: Voice, at: number): WireRecord[] {
  const common = { messageId: id, ...by(of), ...time(at) }
  if (kind === 'text') return [{ type: 'TEXT_MESSAGE_END', ...common }]
  return [
    { type: 'REASONING_MESSAGE_END', ...common },
    { type: 'REASONING_END', ...common },
  ]
}

function custom(type: string, value: object, place: Place, at: number): WireRecord {
  return told(`spancast.${type}`, value, place, at)
}

function told(name: string, value: unknown, place: Place, at: number): WireRecord {
  return { type: 'CUSTOM', name, value, ...by(place), ...about(place, at) }
}

function isSubagent({ id, subagent }: NodePlace): boolean {
  return subagent === id
}

function by({ subagent }: Place): { subagentRunId?: string } {
  return subagent === undefined ? {} : { subagentRunId: subagent }
}

function about({ id, nodeId }: Place, at: number): WireRecordPart {
  return { metadata: { spanId: id, nodeId }, ...time(at) }
}

type WireRecordPart = Readonly<Record<string, unknown>>

/** AG-UI takes whole milliseconds alone. */
function time(at: number): { timestamp?: number } {
  const timestamp = Math.round(at)
  return Number.isSafeInteger(timestamp) ? { timestamp } : {}
}

function usageOf(usage: TokenUsage | undefined): Record<string, number> | undefined {
  if (usage === undefined || usage.totalTokens === 0) return undefined
  const counts = {
    inputTokens: usage.inputTokens,
    outputTokens: usage.outputTokens,
    totalTokens: usage.totalTokens,
    reasoningTokens: usage.reasoningTokens,
    cachedInputTokens: usage.cacheReadTokens,
    cacheWriteInputTokens: usage.cacheWriteTokens,
  }
  const whole: Record<string, number> = {}
  for (const [name, count] of Object.entries(counts)) {
    const rounded = Math.round(count ?? -1)
    if (Number.isSafeInteger(rounded) && rounded >= 0) whole[name] = rounded
  }
  return whole
}

function argsText(args: unknown): string {
  return args === null || args === undefined ? '{}' : JSON.stringify(args)
}

function asText(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value ?? null)
}
