import { type AgentEvent, ObserverRegistry, type RunSummary } from '@spancast/sdk'
import fc from 'fast-check'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { Ingest } from './ingest.ts'
import { makeSpan, type SpanSpec, traceRequest } from './testing/make-spans.ts'
import { FUZZ_RUNS } from './testing/mutate.ts'

const START = 1_790_000_000
const TIMERS = ['Date', 'setTimeout', 'clearTimeout', 'setInterval', 'clearInterval'] as const

beforeEach(() => {
  vi.useFakeTimers({ now: START * 1000, toFake: [...TIMERS] })
})
afterEach(() => {
  vi.useRealTimers()
})

const traceId = (trace: number): string => String(trace + 1).repeat(32)
const spanId = (span: number): string => (span + 1).toString(16).padStart(16, '0')
/** Of one request. What comes again later is a sign of life only if it was told apart. */
const SPAN_IDS = 3

const ATTRIBUTES: readonly (SpanSpec['attributes'] & object)[] = [
  { 'gen_ai.operation.name': 'invoke_agent', 'gen_ai.agent.name': 'Planner' },
  {
    'gen_ai.operation.name': 'execute_tool',
    'gen_ai.tool.name': 'search',
    'gen_ai.tool.call.arguments': '{"q":"a"}',
  },
  {
    'gen_ai.operation.name': 'chat',
    'gen_ai.request.model': 'm-1',
    'gen_ai.usage.input_tokens': 3,
    'gen_ai.usage.output_tokens': 4,
  },
  { 'gen_ai.operation.name': 'nobody_knows' },
  { 'gen_ai.operation.name': 'invoke_agent', 'spancast.run.id': 'run-00001' },
  { 'traceloop.span.kind': 'tool', 'traceloop.entity.name': 'search' },
  { 'http.request.method': 'GET' },
  {},
]

/** A span of one of three traces, whose parent is any that may come. */
const drawnSpan = fc.record({
  trace: fc.nat(2),
  span: fc.nat(SPAN_IDS - 1),
  parent: fc.option(fc.nat(4 * SPAN_IDS), { nil: undefined, freq: 4 }),
  isRemote: fc.boolean(),
  attributes: fc.constantFrom(...ATTRIBUTES),
  from: fc.nat(20),
  forMs: fc.nat(20),
  error: fc.option(fc.constant('no'), { nil: undefined, freq: 5 }),
  scope: fc.constantFrom('a', 'b'),
})
type DrawnSpan = typeof drawnSpan extends fc.Arbitrary<infer Drawn> ? Drawn : never

function specOf(drawn: DrawnSpan, request: number): SpanSpec {
  const { trace, span, parent, from, forMs, error, isRemote, attributes, scope } = drawn
  return {
    traceId: traceId(trace),
    spanId: spanId(request * SPAN_IDS + span),
    ...(parent !== undefined && { parentSpanId: spanId(parent) }),
    isRemote,
    name: `span ${span}`,
    attributes,
    startTime: [START, from * 1e6],
    endTime: [START, (from + forMs) * 1e6],
    ...(error !== undefined && { error }),
    scope,
  }
}

type Step =
  | { readonly does: 'send'; readonly spans: readonly DrawnSpan[] }
  | { readonly does: 'wait'; readonly ms: number }
  | { readonly does: 'look'; readonly trace: number }
  | { readonly does: 'follow' }

const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      does: fc.constant('send' as const),
      spans: fc.array(drawnSpan, { minLength: 1, maxLength: 8 }),
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      does: fc.constant('wait' as const),
      ms: fc.constantFrom(1, 5000, 9999, 10_000, 120_000, 130_001, 301_000),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ does: fc.constant('look' as const), trace: fc.nat(2) }),
  },
  { weight: 1, arbitrary: fc.constant({ does: 'follow' as const }) },
)

/** What a registry has to show, but for what is new with every buffer. Runs of one request come in any order. */
function shown(registry: ObserverRegistry): [Omit<RunSummary, 'epoch'>, AgentEvent[]][] {
  const observers = registry.list().sort((a, b) => (a.randomId < b.randomId ? -1 : 1))
  return observers.map((observer) => {
    const { epoch: _, ...summary } = observer.summary()
    return [summary, observer.getEvents()]
  })
}

class Bridge {
  // For longer than all of it takes: what was let go unread has told nobody where spans of no agent hung.
  readonly registry = new ObserverRegistry({ retentionMs: 24 * 3_600_000 })
  readonly ingest = new Ingest(this.registry)
  readonly told = new Map<string, string[]>()

  follow(): void {
    this.registry.listen({
      appended: ({ randomId }, entry) => {
        this.told.set(randomId, [...(this.told.get(randomId) ?? []), entry.json])
      },
    })
  }
}

test('runs are what they would be if each span had been told apart when it came', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 12 }), async (steps) => {
      const eager = new Bridge()
      eager.registry.listen({})
      const lazy = new Bridge()
      try {
        let requests = 0
        for (const one of steps) {
          if (one.does === 'send') {
            const request = requests++
            const spans = one.spans.map((drawn) => makeSpan(specOf(drawn, request)))
            const body = traceRequest('protobuf', spans)
            await eager.ingest.traces(body, 'protobuf')
            await lazy.ingest.traces(Buffer.from(body), 'protobuf')
          } else if (one.does === 'wait') vi.advanceTimersByTime(one.ms)
          else if (one.does === 'look') lazy.registry.get(traceId(one.trace))?.getEvents()
          else for (const bridge of [eager, lazy]) bridge.follow()
        }

        expect(lazy.registry.size).toBe(eager.registry.size)
        expect(shown(lazy.registry)).toEqual(shown(eager.registry))
        expect([...lazy.told].sort()).toEqual([...eager.told].sort())
      } finally {
        eager.registry.dispose()
        lazy.registry.dispose()
        vi.clearAllTimers()
      }
    }),
    { numRuns: Math.ceil(FUZZ_RUNS / 5) },
  )
}, 600_000)
