import { context, SpanStatusCode, trace } from '@opentelemetry/api'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { type Observing, startObserving } from '../testing/observing.ts'
import { find } from '../testing/telling.ts'

const SCOPE = '@arizeai/openinference-instrumentation-langchain'
const ASKED = { 'input.value': '{"messages":["why"]}', 'input.mime_type': 'application/json' }

let observing: Observing
beforeEach(() => {
  observing = startObserving()
})
afterEach(() => {
  observing.stop()
})

/** A span as OpenInference tells of a chain of LangChain: its kind right after its start, the rest at its end. */
async function chain(name: string, agent: string | undefined, failed: boolean): Promise<void> {
  const span = trace.getTracer(SCOPE).startSpan(name, {}, context.active())
  span.setAttribute('openinference.span.kind', 'CHAIN')
  await Promise.resolve()
  span.setAttributes(ASKED)
  span.setAttribute('metadata', JSON.stringify({ lc_agent_name: agent }))
  if (failed) span.setStatus({ code: SpanStatusCode.ERROR, message: 'no' })
  span.end()
}

test('the end of a node tells what it is, if only that does', async () => {
  await chain('guide', 'guide', false)

  expect(find(observing.events(), 'agent.start').nodeKind).toBe('workflow')
  expect(find(observing.events(), 'agent.end').nodeKind).toBe('agent')
})

test('a failed node tells what it is and what it was asked', async () => {
  await chain('guide', 'guide', true)

  expect(find(observing.events(), 'agent.error')).toMatchObject({
    nodeKind: 'agent',
    input: { messages: ['why'] },
    error: { message: 'no' },
  })
})

test('the end of a node is silent about a kind that its start has told', async () => {
  await chain('trip-report', 'guide', false)

  expect(find(observing.events(), 'agent.end')).not.toHaveProperty('nodeKind')
})

test('a run that began without a name is called as its root is in the end', async () => {
  const span = trace.getTracer(SCOPE).startSpan('ChatOpenAI', {}, context.active())
  span.setAttribute('openinference.span.kind', 'LLM')
  await Promise.resolve()
  span.setAttribute('llm.model_name', 'gpt-5-mini')
  span.end()

  expect(find(observing.events(), 'run.end').name).toBe('gpt-5-mini')
})

test('an error that is copied from another span of its trace does not fail a call of the AI SDK', async () => {
  const attributes = { 'ai.operationId': 'ai.toolCall', 'ai.toolCall.name': 'get_weather' }
  const span = trace.getTracer('ai').startSpan('ai.toolCall', { attributes }, context.active())
  span.setAttribute('openinference.span.kind', 'TOOL')
  span.setStatus({ code: SpanStatusCode.ERROR, message: 'the alert service is down' })
  span.end()

  expect(find(observing.events(), 'agent.tool.end')).not.toHaveProperty('error')
})
