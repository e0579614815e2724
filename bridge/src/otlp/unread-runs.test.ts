import { configure, ObserverRegistry } from '@spancast/sdk'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { runMetrics } from '../metrics/run-metrics.ts'
import { MemoryStore } from '../store/memory.ts'
import { Ingest } from './ingest.ts'
import { makeSpan, type SpanSpec, traceRequest } from './testing/make-spans.ts'

const TRACES = Array.from({ length: 20 }, (_, at) => String(at + 10).repeat(16))
const [TRACE = ''] = TRACES
const MIB = 1024 * 1024
const ARGUMENTS = 'what is the weather in Berlin tomorrow'

let registry: ObserverRegistry
let ingest: Ingest
beforeEach(() => {
  registry = new ObserverRegistry({ runGraceMs: 1000, retentionMs: 5000 })
  ingest = new Ingest(registry)
})
afterEach(() => {
  configure({})
  vi.useRealTimers()
  registry.dispose()
})

const tool = (traceId: string, spec: SpanSpec = {}): SpanSpec => ({
  traceId,
  attributes: {
    'gen_ai.operation.name': 'execute_tool',
    'gen_ai.tool.name': 'search',
    'gen_ai.tool.call.arguments': JSON.stringify({ q: ARGUMENTS }),
  },
  ...spec,
})

async function send(...specs: SpanSpec[]): Promise<number> {
  const body = traceRequest('protobuf', specs.map(makeSpan))
  await ingest.traces(body, 'protobuf')
  return body.length
}

/** What a metric says, of one status if it has several. */
function metric(name: string, status?: string): number | undefined {
  const samples = runMetrics([registry]).find((one) => one.name === name)?.samples ?? []
  return samples.find(({ labels }) => labels?.status === status)?.value
}

test('runs that nobody looks at take the bytes that they came as, and a little each', async () => {
  const specs = TRACES.flatMap((traceId) => Array.from({ length: 40 }, () => tool(traceId)))

  const bytes = await send(...specs)

  expect(registry.bytes).toBeGreaterThan(bytes * 0.8)
  expect(registry.bytes).toBeLessThan(bytes + TRACES.length * 1000)
})

test('figures count such a run and do not read it', async () => {
  vi.useFakeTimers()
  await send(tool(TRACE), tool(TRACE, { error: 'no' }))
  const { bytes } = registry

  expect(metric('spancast_runs', 'running')).toBe(1)
  expect(metric('spancast_run_events')).toBe(5)
  vi.advanceTimersByTime(1000)
  expect(metric('spancast_runs', 'error')).toBe(1)
  expect(metric('spancast_run_events')).toBe(6)

  expect(registry.bytes).toBe(bytes)
  const observer = registry.get(TRACE)
  expect(observer?.getEvents()).toHaveLength(6)
  expect(observer?.summary().status).toBe('error')
})

test('a list of runs tells what they are', async () => {
  await send(...TRACES.map((traceId) => tool(traceId, { error: 'no' })))

  const { runs, next } = await new MemoryStore(registry).list({ limit: 5 })

  expect(runs.map(({ steps, errors }) => [steps, errors])).toEqual(Array(5).fill([1, 1]))
  expect(next).not.toBeNull()
})

test('what was let go without anybody having looked is counted as unread', async () => {
  vi.useFakeTimers()
  await send(tool(TRACE), tool(TRACE))

  vi.advanceTimersByTime(6000)

  expect(registry.size).toBe(0)
  expect(registry.bytes).toBe(0)
  expect(ingest.collector.counts).toMatchObject({ spans: 0, unread: 4 })
})

test('spans that come again count once, whether somebody has looked or not', async () => {
  const span = tool(TRACE, { spanId: '1'.repeat(16) })

  await send(span)
  await send(span)
  expect(registry.get(TRACE)?.getEvents()).toHaveLength(3)
  await send(span)

  expect(registry.get(TRACE)?.getEvents()).toHaveLength(3)
  expect(ingest.collector.counts).toMatchObject({ spans: 2, repeated: 4 })
})

test('a run that is large is told apart as it comes', async () => {
  await send(...Array.from({ length: 400 }, () => tool(TRACE)))
  expect(ingest.collector.counts.spans).toBe(0)

  await send(...Array.from({ length: 400 }, () => tool(TRACE)))

  expect(ingest.collector.counts.spans).toBe(1600)
})

test.each([
  ['many spans', Array.from({ length: 600 }, () => tool(TRACE))],
  [
    'much content',
    [tool(TRACE), { traceId: TRACE, attributes: { 'http.request.body': 'x'.repeat(2 * MIB) } }],
  ],
])('a run of %s in one request is told apart at once', async (_, specs) => {
  await send(...specs)

  expect(ingest.collector.counts.spans).toBeGreaterThan(0)
  expect(registry.bytes).toBeLessThan(MIB)
})

test('no run holds more bytes unread than a run may hold', async () => {
  registry = new ObserverRegistry({ maxRunBytes: 4096 })
  ingest = new Ingest(registry)

  for (let i = 0; i < 100; i++) await send(tool(TRACE))

  expect(registry.bytes).toBeLessThanOrEqual(4096)
})

test('content that came while none was to be kept is not there later', async () => {
  configure({ capture: { live: false } })
  await send(tool(TRACE))
  configure({})

  expect(registry.get(TRACE)?.getEvents()).toHaveLength(3)
  expect(JSON.stringify(registry.get(TRACE)?.getEvents())).not.toContain(ARGUMENTS)
})

test('while somebody follows all runs, each is told at once', async () => {
  const told: string[] = []
  const stop = registry.listen({ appended: (_, { type }) => told.push(type) })
  await send(tool(TRACE))
  stop()

  expect(told).toEqual(['run.start', 'agent.tool.start', 'agent.tool.end'])
})
