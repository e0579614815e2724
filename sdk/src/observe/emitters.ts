import { context, type Span, SpanKind, type Tracer, trace } from '@opentelemetry/api'
import {
  ABANDONED,
  AGENT_NAME,
  COST_USD,
  NODE_ID,
  OPERATION_NAME,
  RUN_ID,
  TOOL_CALL_ARGUMENTS,
  TOOL_CALL_RESULT,
  TOOL_NAME,
  USAGE_RECORDED,
} from '../attributes.ts'
import { clearHandoff, handoff, NOTHING } from '../context/handoff.ts'
import { getObservationContext, type ObservationContext } from '../context/observation-context.ts'
import { linkOf } from '../context/span-link.ts'
import { type TokenUsage, usageFrom } from '../event/usage.ts'
import { captureOnSpan } from './captured-content.ts'
import { stampUsage } from './emit.ts'
import { recordFailure } from './failure.ts'
import { OpenEmitted } from './open-emitted.ts'
import { currentTracer } from './tracer.ts'

/**
 * A node began to execute. Opens a span, which `emitAgentEnd` or `emitAgentError` of the same `nodeId` ends. Like
 * all emitters it does nothing outside an observation context, and never throws.
 */
export function emitAgentStart(nodeId: string, nodeName: string): void {
  emitting((run) => startNode(run, nodeId, nodeName, undefined))
}

/**
 * The node completed. Without a start it makes both.
 *
 * @param duration - Milliseconds; wins over the time between the two calls.
 * @param cost - US dollars.
 */
export function emitAgentEnd(
  nodeId: string,
  duration: number,
  cost: number,
  tokenUsage?: Partial<TokenUsage>,
): void {
  emitting((run) => {
    const opened = run.open.takeNode(nodeId) ?? startNode(run, nodeId, nodeId, duration, false)
    const { span } = opened
    const usage = tokenUsage === undefined ? undefined : usageFrom(tokenUsage)
    if (usage !== undefined) {
      stampUsage(span, usage)
      linkOf(span)?.usage(usage)
    }
    if (isCost(cost)) {
      span.setAttribute(USAGE_RECORDED, true)
      span.setAttribute(COST_USD, cost)
      linkOf(span)?.cost(cost)
    }
    endAfter(opened, duration)
  })
}

/** The node failed, in place of `emitAgentEnd`. Without a start it makes both. */
export function emitAgentError(nodeId: string, error: unknown): void {
  emitting((run) => {
    const opened = run.open.takeNode(nodeId) ?? startNode(run, nodeId, nodeId, undefined, false)
    recordFailure(opened.span, error)
    handoff.error = error
    endAfter(opened, undefined)
  })
}

/** A tool call of the node began. */
export function emitAgentToolStart(nodeId: string, toolName: string, args: unknown): void {
  emitting((run) => startTool(run, nodeId, toolName, args, undefined))
}

/**
 * The tool call ended: the one of that node and name that has waited for longest. Without a start it makes both.
 *
 * @param duration - Milliseconds; wins over the time between the two calls.
 * @param error - What it failed with, if it did.
 */
export function emitAgentToolEnd(
  nodeId: string,
  toolName: string,
  duration: number,
  result?: unknown,
  error?: unknown,
): void {
  emitting((run) => {
    const opened =
      run.open.takeTool(nodeId, toolName) ??
      startTool(run, nodeId, toolName, NOTHING, duration, false)
    if (error !== undefined && error !== null) {
      recordFailure(opened.span, error)
      handoff.error = error
    }
    if (result !== undefined) {
      captureOnSpan(opened.span, TOOL_CALL_RESULT, 'result', result)
      handoff.output = result
    }
    endAfter(opened, duration)
  })
}

/** A run that emitters speak to. */
interface Emitting {
  readonly observation: ObservationContext
  readonly tracer: Tracer
  readonly open: OpenEmitted
}

/** A span that an emitter opened. */
export interface Opened {
  readonly span: Span
  readonly name: string
  /** Milliseconds since the Unix epoch. */
  readonly startedAt: number
  /** Higher than that of what opened before. */
  readonly order: number
}

/** Runs an emitter if there is a run and a provider; whatever it throws stops here. */
function emitting(emitter: (run: Emitting) => void): void {
  const observation = getObservationContext()
  if (observation === undefined) return
  const tracer = currentTracer()
  if (tracer === undefined) return
  try {
    emitter({ observation, tracer, open: OpenEmitted.of(observation.observer, abandon) })
  } catch {
    // Telemetry is not the caller's business.
  } finally {
    clearHandoff()
  }
}

function startNode(
  run: Emitting,
  nodeId: string,
  nodeName: string,
  duration: number | undefined,
  keep = true,
): Opened {
  const opened = open(run, `invoke_agent ${nodeName}`, duration, context.active(), {
    [OPERATION_NAME]: 'invoke_agent',
    [AGENT_NAME]: nodeName,
    [NODE_ID]: nodeId,
  })
  if (keep) run.open.putNode(nodeId, opened)
  return opened
}

function startTool(
  run: Emitting,
  nodeId: string,
  toolName: string,
  args: unknown,
  duration: number | undefined,
  keep = true,
): Opened {
  const node = run.open.node(nodeId)
  const parent = node === undefined ? context.active() : trace.setSpan(context.active(), node.span)
  const name = `execute_tool ${toolName}`
  handoff.spanName = name
  handoff.input = args
  const opened = open(run, name, duration, parent, {
    [OPERATION_NAME]: 'execute_tool',
    [TOOL_NAME]: toolName,
    ...(node === undefined && { [NODE_ID]: nodeId }),
  })
  clearHandoff()
  if (args !== NOTHING) captureOnSpan(opened.span, TOOL_CALL_ARGUMENTS, 'args', args)
  if (keep) run.open.putTool(nodeId, toolName, opened)
  return opened
}

let opens = 0

/** @param duration - Milliseconds that lie behind already, if only the end was told. */
function open(
  run: Emitting,
  name: string,
  duration: number | undefined,
  parent: ReturnType<typeof context.active>,
  attributes: Record<string, string>,
): Opened {
  const startedAt = Date.now() - (isDuration(duration) ? duration : 0)
  const options = {
    kind: SpanKind.INTERNAL,
    startTime: startedAt,
    attributes: { ...attributes, [RUN_ID]: run.observation.randomId },
  }
  return { span: run.tracer.startSpan(name, options, parent), name, startedAt, order: opens++ }
}

function endAfter(opened: Opened, duration: number | undefined): void {
  handoff.spanName = opened.name
  handoff.duration = isDuration(duration) ? duration : undefined
  opened.span.end(isDuration(duration) ? opened.startedAt + duration : undefined)
}

/** What was never ended by its emitter ends with its run. */
function abandon(opened: Opened): void {
  opened.span.setAttribute(ABANDONED, true)
  opened.span.end()
}

function isDuration(value: unknown): value is number {
  return typeof value === 'number' && Number.isFinite(value) && value >= 0
}

function isCost(value: unknown): value is number {
  return typeof value === 'number' && Number.isFinite(value)
}
