import { context, type Span, trace } from '@opentelemetry/api'
import {
  COST_USD,
  EVENT_CONTENT,
  PROVIDER_NAME,
  RESPONSE_MODEL,
  USAGE_CACHE_READ_TOKENS,
  USAGE_CACHE_WRITE_TOKENS,
  USAGE_INPUT_TOKENS,
  USAGE_OUTPUT_TOKENS,
  USAGE_REASONING_TOKENS,
  USAGE_RECORDED,
} from '../attributes.ts'
import { contentRules } from '../context/content-rules.ts'
import { handoff } from '../context/handoff.ts'
import { observationOf } from '../context/observation-context.ts'
import { activeLink, linkInRun } from '../context/span-link.ts'
import type { ChunkKind } from '../event/agent-event.ts'
import { capture, publish } from '../event/content.ts'
import { addUsage, type TokenUsage, usageFrom } from '../event/usage.ts'
import type { AgentObserver } from '../observer/agent-observer.ts'

// What was recorded for a span so far: spans can be written, not read.
const usageOfSpan = new WeakMap<Span, TokenUsage>()
const costOfSpan = new WeakMap<Span, number>()

/**
 * Tells whoever watches the run something of your own: an `agent.event` at this moment, and an event on the active
 * span. Outside any run it does nothing. Never throws.
 *
 * @param name - What happened: `progress`, `decision_made`, ...
 * @param content - Any value; a snapshot is taken.
 */
export function emit(name: string, content?: unknown): void {
  emitIn(undefined, name, content)
}

/** `emit('progress', content)`. */
export function emitProgress(content: unknown): void {
  emit('progress', content)
}

/**
 * Streams a piece of an answer: an `agent.chunk` of the active span. Text chunks that follow each other within
 * 25 ms are joined. Outside any run it does nothing. Never throws.
 *
 * @param kind - Default `'text'` for a string, else `'data'`.
 */
export function emitChunk(
  delta: unknown,
  kind: ChunkKind = typeof delta === 'string' ? 'text' : 'data',
): void {
  try {
    const active = context.active()
    const link = linkInRun(active)
    if (link !== undefined) link.chunk(delta, kind)
    else if (contentRules().live !== undefined) {
      observationOf(active)?.observer.emit({ type: 'agent.chunk', index: 0, delta, kind })
    }
  } catch {
    // Telemetry is not the caller's business.
  }
}

/**
 * Records the tokens of a model call on the active span. On a span that is no model call it counts as one call of
 * that span; several recordings add up. Never throws.
 */
export function recordUsage(
  usage: Partial<TokenUsage>,
  of: { readonly model?: string; readonly provider?: string } = {},
): void {
  try {
    const active = context.active()
    const span = trace.getSpan(active)
    const complete = usageFrom(usage)
    if (span === undefined || complete === undefined) return
    const before = usageOfSpan.get(span)
    const sum = before === undefined ? complete : addUsage(before, complete)
    usageOfSpan.set(span, sum)
    stampUsage(span, sum)
    if (of.model !== undefined) span.setAttribute(RESPONSE_MODEL, of.model)
    if (of.provider !== undefined) span.setAttribute(PROVIDER_NAME, of.provider)
    activeLink(active)?.usage(complete, of.model, of.provider)
  } catch {
    // As above.
  }
}

/**
 * Records what the active span's model call cost, in US dollars; it wins over any price list. Several recordings add
 * up. Never throws.
 */
export function recordCost(usd: number): void {
  try {
    if (typeof usd !== 'number' || !Number.isFinite(usd)) return
    const active = context.active()
    const span = trace.getSpan(active)
    if (span === undefined) return
    span.setAttribute(USAGE_RECORDED, true)
    const sum = (costOfSpan.get(span) ?? 0) + usd
    costOfSpan.set(span, sum)
    span.setAttribute(COST_USD, sum)
    activeLink(active)?.cost(usd)
  } catch {
    // As above.
  }
}

/** Where the current code's signals go: the run that it is in, if it is in one. */
export function currentObserver(): AgentObserver | undefined {
  const active = context.active()
  return linkInRun(active)?.observer ?? observationOf(active)?.observer
}

/** A custom event in the current run, under a namespace of its own if one is given. */
export function emitIn(namespace: string | undefined, name: string, content: unknown): void {
  try {
    const active = context.active()
    const span = trace.getSpan(active)
    if (span?.isRecording()) addToldEvent(span, name, content)
    const link = linkInRun(active)
    if (link !== undefined) {
      link.event(name, content, namespace)
      return
    }
    observationOf(active)?.observer.emit({
      type: 'agent.event',
      name,
      content: content ?? null,
      ...(namespace !== undefined && { namespace }),
    })
  } catch {
    // As above.
  }
}

/** Sets the usage attributes of the GenAI conventions, and that they are this span's own. */
export function stampUsage(span: Span, usage: TokenUsage): void {
  span.setAttribute(USAGE_RECORDED, true)
  span.setAttribute(USAGE_INPUT_TOKENS, usage.inputTokens)
  span.setAttribute(USAGE_OUTPUT_TOKENS, usage.outputTokens)
  if (usage.cacheReadTokens !== undefined) {
    span.setAttribute(USAGE_CACHE_READ_TOKENS, usage.cacheReadTokens)
  }
  if (usage.cacheWriteTokens !== undefined) {
    span.setAttribute(USAGE_CACHE_WRITE_TOKENS, usage.cacheWriteTokens)
  }
  if (usage.reasoningTokens !== undefined) {
    span.setAttribute(USAGE_REASONING_TOKENS, usage.reasoningTokens)
  }
}

function addToldEvent(span: Span, name: string, content: unknown): void {
  handoff.eventIsTold = true
  try {
    addSpanEvent(span, name, content)
  } finally {
    handoff.eventIsTold = false
  }
}

function addSpanEvent(span: Span, name: string, content: unknown): void {
  const rules = contentRules().spans
  if (rules === undefined || content === undefined) {
    span.addEvent(name)
    return
  }
  const { value } = publish(capture(content, rules.maxContentBytes), 'content', rules)
  span.addEvent(name, { [EVENT_CONTENT]: JSON.stringify(value) })
}
