import { type Context, ROOT_CONTEXT, type Span, trace } from '@opentelemetry/api'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { startObserving } from '../testing/observing.ts'

/** How a span shows: at its start, right after it, or never. */
type Kind = 'agent' | 'later' | 'request' | 'plain' | 'bare'

interface Step {
  readonly kind: Kind
  /** Which of the open spans is its parent, counted modulo how many there are. */
  readonly below: number
  /** Which open span ends right after it has started, if any. */
  readonly ends: number | undefined
  /** Whether the turn is over then. */
  readonly waits: boolean
}

const SCOPES: Readonly<Record<Kind, string>> = {
  agent: 'another-library',
  later: 'my-app',
  request: '@opentelemetry/instrumentation-http',
  plain: 'my-database',
  bare: 'my-app',
}
const ATTRIBUTES: Readonly<Record<Kind, Record<string, string>>> = {
  agent: { 'gen_ai.operation.name': 'invoke_agent' },
  later: {},
  request: { 'http.request.method': 'GET', 'server.address': 'localhost' },
  plain: { 'db.system.name': 'postgresql' },
  bare: {},
}

// As code does that starts several spans: in the context that it runs in.
const within = new WeakMap<Span, Context>()

function started(kind: Kind, parent: Span | undefined): Span {
  const above = parent === undefined ? ROOT_CONTEXT : within.get(parent)
  const options = { attributes: ATTRIBUTES[kind] }
  const span = trace.getTracer(SCOPES[kind]).startSpan(kind, options, above)
  within.set(span, trace.setSpan(ROOT_CONTEXT, span))
  if (kind === 'later') span.setAttribute('openinference.span.kind', 'AGENT')
  return span
}

const steps = fc.array(
  fc.record<Step>({
    kind: fc.constantFrom<Kind>('agent', 'later', 'request', 'plain', 'bare'),
    below: fc.nat(20),
    ends: fc.option(fc.nat(20), { nil: undefined }),
    waits: fc.boolean(),
  }),
  { minLength: 1, maxLength: 25 },
)

test('whatever lies between, each agent starts and ends once, below the nearest agent above it', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom<Kind>('request', 'plain', 'bare'),
      steps,
      async (rootKind, steps) => {
        const observing = startObserving({ exporting: false })
        const root = started(rootKind, undefined)
        const rootId = root.spanContext().spanId
        // What each agent should hang below.
        const expected = new Map<string, string>()
        const nearest = new Map<Span, string>([[root, rootId]])
        const open: Span[] = [root]
        for (const { kind, below, ends, waits } of steps) {
          const parent = open[below % open.length] ?? root
          const span = started(kind, parent)
          const above = nearest.get(parent) ?? rootId
          const isAgent = kind === 'agent' || kind === 'later'
          const { spanId } = span.spanContext()
          if (isAgent) expected.set(spanId, above)
          nearest.set(span, isAgent ? spanId : above)
          open.push(span)
          // The root stays, so that all of it is one run.
          const ending = ends === undefined ? 0 : ends % open.length
          if (ending > 0) open.splice(ending, 1)[0]?.end()
          if (waits) await Promise.resolve()
        }
        for (const span of open.reverse()) span.end()

        const events = observing.registry.list().flatMap((run) => run.getEvents())
        const starts = events.filter(({ type }) => type === 'agent.start')
        const ends = events.filter(({ type }) => type === 'agent.end')
        const runs = observing.registry.list().map((run) => run.summary().status)
        observing.stop()
        expect(runs).toEqual(expected.size === 0 ? [] : ['ok'])
        expect(new Map(starts.map((start) => [start.spanId, start.parentSpanId]))).toEqual(expected)
        expect(starts).toHaveLength(expected.size)
        expect(ends.map(({ spanId }) => spanId).sort()).toEqual([...expected.keys()].sort())
        for (const { spanId, seq, parentSpanId } of starts) {
          const parentStart = events.find((event) => event.spanId === parentSpanId)
          expect(parentStart?.seq).toBeLessThan(seq)
          expect(ends.find((end) => end.spanId === spanId)?.seq).toBeGreaterThan(seq)
        }
      },
    ),
    { numRuns: 300 },
  )
})
