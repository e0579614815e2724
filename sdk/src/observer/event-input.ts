import { SpancastError } from '../errors.ts'
import type { AgentEvent } from '../event/agent-event.ts'
import { type ContentRules, capture, publish } from '../event/content.ts'

type Stamped = 'seq' | 'randomId'
type Defaulted = 'nodeId' | 'timestamp' | 'traceId' | 'spanId' | 'truncated'
type InputOf<E> = E extends AgentEvent
  ? Omit<E, Stamped | Defaulted> & Partial<Pick<E, Defaulted>>
  : never

/** An event as a caller gives it: the observer stamps the rest. */
export type AgentEventInput = InputOf<AgentEvent>

/** A span id or trace id that says "none", as OpenTelemetry writes it. */
export const NO_SPAN_ID = '0000000000000000'
export const NO_TRACE_ID = '00000000000000000000000000000000'

const TYPES: ReadonlySet<string> = new Set<AgentEvent['type']>([
  'run.start',
  'run.end',
  'agent.start',
  'agent.end',
  'agent.error',
  'agent.tool.start',
  'agent.tool.end',
  'agent.llm.start',
  'agent.llm.end',
  'agent.chunk',
  'agent.event',
  'agent.moved',
])

// Fields that hold a user's own data, in any event.
const CONTENT_FIELDS = ['input', 'output', 'args', 'result', 'delta', 'content'] as const

/**
 * The event with everything that readers rely on, its content a snapshot.
 *
 * @throws SpancastError `invalid-event` if `input` is no object with a known `type`.
 */
export function completeEvent(
  input: AgentEventInput,
  randomId: string,
  seq: number,
  rules: ContentRules,
): AgentEvent {
  const truncated: string[] = [...(input.truncated ?? [])]
  const event: Record<string, unknown> = {
    ...input,
    seq,
    randomId,
    nodeId: input.nodeId ?? randomId,
    timestamp: input.timestamp ?? Date.now(),
    traceId: input.traceId ?? NO_TRACE_ID,
    spanId: input.spanId ?? NO_SPAN_ID,
  }
  for (const field of CONTENT_FIELDS) {
    if (!(field in event) || event[field] === undefined) continue
    const published = publish(capture(event[field], rules.maxContentBytes), field, rules)
    event[field] = published.value
    truncated.push(...published.truncated)
  }
  if (truncated.length > 0) event.truncated = truncated
  return event as unknown as AgentEvent
}

/** @throws SpancastError `invalid-event` if `input` is no object with a known `type`. */
export function assertEvent(input: unknown): asserts input is AgentEventInput {
  const type = (input as { type?: unknown } | null | undefined)?.type
  if (typeof type === 'string' && TYPES.has(type)) return
  throw new SpancastError(
    'invalid-event',
    `Expected an event whose \`type\` is one of ${[...TYPES].join(', ')}, got ${String(type)}. Use emit(name, content) for an event of your own.`,
  )
}
