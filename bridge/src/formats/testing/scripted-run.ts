import type { AgentEvent } from '@spancast/sdk'
import fc from 'fast-check'

export const RUN = 'run-12345678'

const NO_TOTALS = {
  tokenUsage: { inputTokens: 1, outputTokens: 2.5, totalTokens: 3.5 },
  cost: null,
  unpricedCalls: 0,
  unmeteredCalls: 1,
}

/** An event without the fields that `numbered` gives it. */
export type Happening = Record<string, unknown> & { readonly type: string }

/** Gives events what each has, in order of their arrival. */
export function numbered(happenings: readonly Happening[]): AgentEvent[] {
  return happenings.map((happening, at) => {
    const event = {
      seq: at + 1,
      randomId: RUN,
      nodeId: happening.spanId ?? 'root-span',
      timestamp: 1_700_000_000_000.25 + at,
      traceId: '0af7651916cd43dd8448eb211c80319c',
      spanId: 'root-span',
      ...happening,
    }
    // Some are of types and shapes that nobody has made: those must not break a stream either.
    return event as unknown as AgentEvent
  })
}

export const runStart = (): Happening => ({ type: 'run.start', name: 'research' })
export const runEnd = (more: object = {}): Happening => ({
  type: 'run.end',
  status: 'ok',
  duration: 5,
  ...NO_TOTALS,
  ...more,
})
export const nodeStart = (
  spanId: string,
  nodeKind: string,
  parentSpanId = 'root-span',
): Happening => ({
  type: 'agent.start',
  spanId,
  parentSpanId,
  nodeName: `the ${nodeKind}`,
  nodeKind,
})
export const nodeEnd = (spanId: string, more: object = {}): Happening => ({
  type: 'agent.end',
  spanId,
  parentSpanId: 'root-span',
  nodeName: 'node',
  duration: 1,
  ...NO_TOTALS,
  ...more,
})
export const toolStart = (spanId: string, parentSpanId: string, args: unknown): Happening => ({
  type: 'agent.tool.start',
  spanId,
  parentSpanId,
  toolName: 'search',
  args,
})
export const toolEnd = (spanId: string, more: object = {}): Happening => ({
  type: 'agent.tool.end',
  spanId,
  parentSpanId: 'root-span',
  toolName: 'search',
  duration: 1,
  ...more,
})
export const modelStart = (spanId: string, parentSpanId: string): Happening => ({
  type: 'agent.llm.start',
  spanId,
  parentSpanId,
  model: 'm',
})
export const modelEnd = (spanId: string, more: object = {}): Happening => ({
  type: 'agent.llm.end',
  spanId,
  parentSpanId: 'root-span',
  model: 'm',
  duration: 1,
  tokenUsage: null,
  cost: null,
  ...more,
})
export const chunk = (spanId: string, delta: unknown, kind = 'text'): Happening => ({
  type: 'agent.chunk',
  spanId,
  parentSpanId: 'root-span',
  index: 0,
  delta,
  kind,
})
export const custom = (spanId: string, name: string, content: unknown): Happening => ({
  type: 'agent.event',
  spanId,
  name,
  content,
})

const span = fc.constantFrom('s1', 's2', 's3', 's4', 's5', 'root-span', '0000000000000000')
const text = fc.oneof(
  fc.constantFrom('a', 'ab', 'b', ' ', ''),
  fc.string({ unit: 'binary', maxLength: 4 }),
)
const content = fc.oneof(text, fc.jsonValue({ maxDepth: 1 }), fc.constant(undefined))
const error = fc.record({ type: text, message: text })
const kind = fc.constantFrom('agent', 'workflow', 'step')
const more = fc.record(
  { error, output: content, result: content, args: content, abandoned: fc.constant(true) },
  { requiredKeys: [] },
)

/** Anything that may come next, wherever the run stands: the starts and ends of few spans, in any order. */
const anything: fc.Arbitrary<Happening> = fc.oneof(
  fc.constant(runStart()),
  fc.tuple(span, kind, span).map((facts) => nodeStart(...facts)),
  fc.tuple(span, more).map((facts) => nodeEnd(...facts)),
  fc.tuple(span, error).map(([id, why]) => ({ ...nodeEnd(id), type: 'agent.error', error: why })),
  fc.tuple(span, span, content).map(([id, parent, args]) => toolStart(id, parent, args ?? null)),
  fc.tuple(span, more).map((facts) => toolEnd(...facts)),
  fc.tuple(span, span).map((facts) => modelStart(...facts)),
  fc.tuple(span, more).map((facts) => modelEnd(...facts)),
  {
    weight: 6,
    arbitrary: fc
      .tuple(span, content, fc.constantFrom('text', 'reasoning', 'data'))
      .map(([id, delta, of]) => chunk(id, delta ?? null, of)),
  },
  fc.tuple(span, text, content).map((facts) => custom(...facts)),
  fc
    .tuple(span, span)
    .map(([spanId, parentSpanId]) => ({ type: 'agent.moved', spanId, parentSpanId })),
  fc.constant({ type: 'agent.of.the.future', colour: 'red' }),
  // Nothing follows it but by mistake.
  fc.constant(runEnd()),
)

/** A run as it might reach a reader, with or without its start and its end. */
export const anyRun: fc.Arbitrary<AgentEvent[]> = fc
  .tuple(
    fc.boolean(),
    fc.array(anything, { maxLength: 40 }),
    fc.option(fc.tuple(fc.constantFrom('ok', 'error', 'cancelled', 'abandoned'), more)),
  )
  .map(([begun, middle, end]) =>
    numbered([
      ...(begun ? [runStart()] : []),
      ...middle,
      ...(end === null ? [] : [runEnd({ ...end[1], status: end[0] })]),
    ]),
  )
