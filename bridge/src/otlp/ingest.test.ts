import { type AgentEvent, ObserverRegistry } from '@spancast/sdk'
import { beforeEach, describe, expect, test } from 'vitest'
import { Ingest } from './ingest.ts'
import type { OtlpEncoding } from './otlp-encoding.ts'
import { makeSpan, type SpanSpec, traceRequest } from './testing/make-spans.ts'

const TRACE = 'a'.repeat(32)
const [ROOT, AGENT, TOOL] = ['1'.repeat(16), '2'.repeat(16), '3'.repeat(16)]
const ENCODINGS: readonly OtlpEncoding[] = ['json', 'protobuf']
const RUN_ID = 'run-00001'

let registry: ObserverRegistry
let ingest: Ingest
beforeEach(() => {
  registry = new ObserverRegistry()
  ingest = new Ingest(registry)
})

function events(randomId = TRACE): AgentEvent[] {
  return registry.get(randomId)?.getEvents() ?? []
}

const agent = (spec: SpanSpec = {}): SpanSpec => ({
  traceId: TRACE,
  spanId: AGENT,
  name: 'invoke_agent Planner',
  attributes: { 'gen_ai.operation.name': 'invoke_agent' },
  ...spec,
})

describe.each(ENCODINGS)('a request in %s', (encoding) => {
  const send = (...specs: SpanSpec[]): Promise<number> =>
    ingest.traces(traceRequest(encoding, specs.map(makeSpan)), encoding)

  test('becomes events, with errors redacted and capped', async () => {
    const message = `token sk-proj-${'a1B2'.repeat(12)} ${'x'.repeat(10_000)}`
    await send({ traceId: TRACE, spanId: ROOT, name: 'GET /' }, agent({ parentSpanId: ROOT }), {
      traceId: TRACE,
      spanId: TOOL,
      parentSpanId: AGENT,
      attributes: { 'gen_ai.operation.name': 'execute_tool', 'gen_ai.tool.name': 'search' },
      error: message,
    })

    expect(events().map(({ type }) => type)).toEqual([
      'run.start',
      'agent.start',
      'agent.tool.start',
      'agent.tool.end',
      'agent.end',
    ])
    expect(events()[0]).toMatchObject({
      name: 'GET /',
      spanId: ROOT,
      timestamp: 1_790_000_000_123.4568,
    })
    const end = events().find(({ type }) => type === 'agent.tool.end')
    expect(end).toMatchObject({ duration: 1000, error: { type: 'Error' } })
    expect(JSON.stringify(end)).not.toContain('sk-proj')
    expect(JSON.stringify(end).length).toBeLessThan(5000)
    expect(ingest.counts).toMatchObject({ spans: 3, agenticSpans: 2, rejectedSpans: 0 })
    expect(ingest.collector.counts).toEqual({
      spans: 4,
      linked: 0,
      repeated: 0,
      late: 0,
      unread: 0,
    })
  })

  test('whose spans say by their scope alone whose they are becomes events', async () => {
    const scope = '@mastra/otel-bridge'
    const inner = { spanId: TOOL, parentSpanId: AGENT, name: "tool: 'search'", scope }
    await send(agent({ name: "agent run: 'Planner'", attributes: {}, scope }), {
      traceId: TRACE,
      ...inner,
    })

    expect(events()).toMatchObject([
      { type: 'run.start', name: 'Planner' },
      { type: 'agent.start', nodeName: 'Planner' },
      { type: 'agent.tool.start', toolName: 'search', parentSpanId: AGENT },
      { type: 'agent.tool.end' },
      { type: 'agent.end' },
    ])
    expect(ingest.counts).toMatchObject({ spans: 2, agenticSpans: 2 })
  })

  test('has the events of the application in it, and no exceptions or parts of calls', async () => {
    const own = { name: 'progress', attributes: { 'spancast.event.content': '{"percent":40}' } }
    const foreign = { name: 'gen_ai.user.message', attributes: { content: 'Hi' } }
    await send(agent({ events: [own, foreign], error: 'failed' }), {
      traceId: TRACE,
      spanId: TOOL,
      parentSpanId: AGENT,
      attributes: { 'gen_ai.operation.name': 'execute_tool' },
      scope: '@spancast/sdk',
      events: [{ name: 'looked_up' }, { name: 'found', attributes: { hits: 3 } }],
    })

    const told = events().filter(({ type }) => type === 'agent.event')
    expect(told).toMatchObject([
      { name: 'progress', content: { percent: 40 }, spanId: AGENT },
      { name: 'looked_up', content: null, spanId: TOOL },
      { name: 'found', content: { hits: 3 }, spanId: TOOL },
    ])
  })

  test('whose spans concern no agent leaves nothing behind', async () => {
    await send({ traceId: TRACE, attributes: { 'http.request.method': 'GET' } })

    expect(registry.size).toBe(0)
  })
})

describe('records of live links', () => {
  const event = {
    type: 'run.start',
    nodeId: ROOT,
    timestamp: 1,
    traceId: TRACE,
    spanId: ROOT,
    name: 'Team',
  }
  const good = {
    'spancast.run.id': RUN_ID,
    'spancast.source.id': 'process.one',
    'spancast.source.seq': 1,
    'spancast.version': 1,
    'spancast.event': JSON.stringify(event),
  }

  function send(attributes: Readonly<Record<string, string | number>>): Promise<void> {
    const values = Object.entries(attributes).map(([key, value]) => ({
      key,
      value: typeof value === 'string' ? { stringValue: value } : { intValue: String(value) },
    }))
    const logRecords = [{ attributes: values }]
    const body = { resourceLogs: [{ scopeLogs: [{ logRecords }] }] }
    return ingest.logs(Buffer.from(JSON.stringify(body)), 'json')
  }

  test('become the events that they hold', async () => {
    await send(good)

    expect(events(RUN_ID)).toMatchObject([{ type: 'run.start', name: 'Team', seq: 1 }])
    expect(ingest.counts).toMatchObject({ linkRecords: 1, otherRecords: 0 })
  })

  test.each([
    ['of another version', { 'spancast.version': 2 }],
    ['of a run that has no name', { 'spancast.run.id': 'a b' }],
    ['of nobody', { 'spancast.source.id': '' }],
    ['without a number', { 'spancast.source.seq': 'one' }],
    ['numbered below 1', { 'spancast.source.seq': 0 }],
    ['whose event is no JSON', { 'spancast.event': '{' }],
    ['whose event is no object', { 'spancast.event': 'null' }],
    ['of an unknown type', { 'spancast.event': JSON.stringify({ ...event, type: 'agent.odd' }) }],
    ['without a time', { 'spancast.event': JSON.stringify({ ...event, timestamp: null }) }],
    ['of no valid trace', { 'spancast.event': JSON.stringify({ ...event, traceId: 'xyz' }) }],
    ['of no valid span', { 'spancast.event': JSON.stringify({ ...event, spanId: 7 }) }],
    ['below no valid span', { 'spancast.event': JSON.stringify({ ...event, parentSpanId: '' }) }],
    [
      'of no valid node',
      { 'spancast.event': JSON.stringify({ ...event, nodeId: 'x'.repeat(300) }) },
    ],
    ['of no valid namespace', { 'spancast.event': JSON.stringify({ ...event, namespace: [] }) }],
  ])('%s are counted, and not kept', async (_, wrong) => {
    await send({ ...good, ...wrong })

    expect(registry.size).toBe(0)
    expect(ingest.counts).toMatchObject({ linkRecords: 0, otherRecords: 1 })
  })
})
