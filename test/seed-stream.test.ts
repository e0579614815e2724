import { createBridge } from '@spancast/bridge'
import {
  createRandomId,
  EventStreamer,
  emitAgentEnd,
  emitAgentStart,
  emitAgentToolEnd,
  emitAgentToolStart,
  observeRun,
  type StreamEvent,
  withObservationContext,
} from '@spancast/sdk'
import { start } from '@spancast/sdk/setup'
import { afterAll, expect, test } from 'vitest'

process.env.OTEL_TRACES_EXPORTER = 'none'
const { registry, shutdown } = start({ serviceName: 'seeds' })
const bridge = createBridge({
  registry,
  workflows: { research: { run: (input, { randomId }) => invokeWorkflow(input, randomId) } },
})
const { url } = await bridge.listen(0)

afterAll(async () => {
  await bridge.close()
  await shutdown()
})

/** A node of the first design: it tells its start, its tool calls and its end. */
async function invokeWorkflow(input: unknown, randomId: string): Promise<{ answer: string }> {
  const observer = registry.get(randomId)
  if (observer === undefined) throw new Error('the run is not in the registry')
  return withObservationContext({ randomId, observer }, async () => {
    emitAgentStart('abc', 'Researcher')
    emitAgentToolStart('abc', 'web_search', { q: input })
    emitAgentToolEnd('abc', 'web_search', 1500, { hits: 3 })
    emitAgentEnd('abc', 2000, 0.002)
    return { answer: 'done' }
  })
}

test('the five emitters around a node come out of the stream as the lines of the first design', async () => {
  const invoked = await fetch(`${url}/api/workflow/invoke`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ workflow: 'research', input: 'sse' }),
  })
  const { answer, randomId } = (await invoked.json()) as { answer: string; randomId: string }
  const lines = await dataLines(`${url}/api/agents/${randomId}/stream`)
  const at = expect.any(Number)

  expect(answer).toBe('done')
  expect(lines.filter(({ type }) => String(type).startsWith('agent.'))).toMatchObject([
    { type: 'agent.start', nodeId: 'abc', nodeName: 'Researcher', timestamp: at },
    {
      type: 'agent.tool.start',
      nodeId: 'abc',
      toolName: 'web_search',
      args: { q: 'sse' },
      timestamp: at,
    },
    {
      type: 'agent.tool.end',
      nodeId: 'abc',
      toolName: 'web_search',
      duration: 1500,
      timestamp: at,
    },
    { type: 'agent.end', nodeId: 'abc', duration: 2000, cost: 0.002, timestamp: at },
  ])
})

test('a node that emits to two namespaces at once is heard in each, and runs the same unheard', async () => {
  const heard: Record<string, StreamEvent[]> = { sales_agent: [], stock_agent: [] }
  const streamer = EventStreamer.getInstance()
  const flow = async (namespace: string): Promise<string> => {
    streamer.emit(namespace, { type: 'progress', content: { status: 'making_decision' } })
    await Promise.resolve()
    streamer.emit(namespace, { type: 'decision_made', content: { decision: 'answer' } })
    for (const piece of ['Hel', 'lo']) streamer.emit(namespace, { type: 'chunk', content: piece })
    streamer.emit(namespace, { type: 'final', content: 'Hello' })
    return 'Hello'
  }
  const stops = Object.entries(heard).map(([namespace, events]) =>
    streamer.subscribe(namespace, (event) => {
      events.push(event)
    }),
  )

  const results = await Promise.all(
    Object.keys(heard).map((namespace) =>
      observeRun({ name: namespace, randomId: createRandomId(), namespace }, () => flow(namespace)),
    ),
  )
  for (const stop of stops) stop()
  const unheard = await observeRun({ name: 'unheard' }, () => flow('sales_agent'))

  expect(results.map(({ result }) => result)).toEqual(['Hello', 'Hello'])
  expect(unheard.result).toBe('Hello')
  for (const [namespace, events] of Object.entries(heard)) {
    const own = events.filter(({ type }) => !type.startsWith('run.'))
    expect(own.map(({ type, content }) => [type, content])).toEqual([
      ['progress', { status: 'making_decision' }],
      ['decision_made', { decision: 'answer' }],
      ['chunk', 'Hel'],
      ['chunk', 'lo'],
      ['final', 'Hello'],
    ])
    expect(new Set(events.map((event) => event.namespace))).toEqual(new Set([namespace]))
  }
})

async function dataLines(stream: string): Promise<Record<string, unknown>[]> {
  const text = await (await fetch(stream)).text()
  return text
    .split('\n')
    .filter((line) => line.startsWith('data: '))
    .map((line) => JSON.parse(line.slice('data: '.length)) as Record<string, unknown>)
}
