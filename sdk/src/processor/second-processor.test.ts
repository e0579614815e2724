import type { Tracer } from '@opentelemetry/api'
import { NodeTracerProvider } from '@opentelemetry/sdk-trace-node'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { ObserverRegistry } from '../observer/observer-registry.ts'
import { told } from '../testing/telling.ts'
import { AgentEventProcessor } from './agent-event-processor.ts'

const first = new ObserverRegistry()
const second = new ObserverRegistry()
const processors = [first, second].map((registry) => new AgentEventProcessor({ registry }))
const provider = new NodeTracerProvider({ spanProcessors: processors })

beforeEach(() => {
  vi.spyOn(process, 'emitWarning').mockImplementation(() => {})
})
afterEach(() => {
  vi.restoreAllMocks()
})

function runAgent(tracer: Tracer): string {
  const attributes = { 'gen_ai.operation.name': 'invoke_agent', 'gen_ai.agent.name': 'writer' }
  const span = tracer.startSpan('invoke_agent writer', { attributes })
  span.end()
  return span.spanContext().traceId
}

test('of two processors in one provider, the first records and the second says that it does nothing', () => {
  const run = runAgent(provider.getTracer('app'))

  expect(told(first.get(run)?.getEvents() ?? [])).toEqual([
    'run.start writer',
    'agent.start writer',
    'agent.end writer',
    'run.end ok',
  ])
  expect(second.get(run)).toBeUndefined()
  expect(process.emitWarning).toHaveBeenCalledExactlyOnceWith(
    expect.stringContaining('A second AgentEventProcessor sees the same spans.'),
    expect.anything(),
  )
})

test('the second processor records when the first has been shut down', async () => {
  await processors[0]?.shutdown()

  const run = runAgent(provider.getTracer('app'))

  expect(first.get(run)).toBeUndefined()
  expect(told(second.get(run)?.getEvents() ?? []).at(-1)).toBe('run.end ok')
})
