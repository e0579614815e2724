import { ROOT_CONTEXT, SpanStatusCode, trace } from '@opentelemetry/api'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { withObservationContext } from '../context/observation-context.ts'
import { type Observing, startObserving } from '../testing/observing.ts'
import { find } from '../testing/telling.ts'

let observing: Observing
beforeEach(() => {
  observing = startObserving()
})
afterEach(() => {
  observing.stop()
})

const AGENT = { 'gen_ai.operation.name': 'invoke_agent', 'gen_ai.agent.name': 'Guide' }

test('a tool that its library renames has its last name at its end', async () => {
  const span = trace.getTracer('@arizeai/openinference-x').startSpan('handoff', {}, ROOT_CONTEXT)
  span.setAttribute('openinference.span.kind', 'TOOL')
  await Promise.resolve()
  span.updateName('handoff to Researcher')
  span.end()

  expect(find(observing.events(), 'agent.tool.start').toolName).toBe('handoff')
  expect(find(observing.events(), 'agent.tool.end').toolName).toBe('handoff to Researcher')
})

test('a request that is named after its route when that is known gives the run its last name', () => {
  const request = trace
    .getTracer('@opentelemetry/instrumentation-http')
    .startSpan('POST', { attributes: { 'url.path': '/ask' } }, ROOT_CONTEXT)
  const below = trace.setSpan(ROOT_CONTEXT, request)
  trace.getTracer('any').startSpan('invoke_agent Guide', { attributes: AGENT }, below).end()
  request.updateName('POST /ask')
  request.end()

  expect(find(observing.events(), 'run.start').name).toBe('POST')
  expect(find(observing.events(), 'run.end').name).toBe('POST /ask')
  expect(observing.registry.list()[0]?.summary().name).toBe('POST /ask')
})

test('a request leaves a run that was named before it came with its name', () => {
  const { registry } = observing
  const observer = registry.create('run-named-before')
  withObservationContext({ randomId: 'run-named-before', observer }, () => {
    const tracer = trace.getTracer('any')
    tracer.startSpan('invoke_agent Guide', { attributes: AGENT }).end()
    const request = tracer.startSpan('POST', { attributes: { 'url.path': '/ask' } })
    request.updateName('POST /ask').end()
  })

  expect(registry.get('run-named-before')?.summary().name).toBe('Guide')
})

test('what a span failed of is told though it has had more events than it keeps', () => {
  const span = trace.getTracer('any').startSpan('invoke_agent Guide', { attributes: AGENT })
  for (let at = 0; at < 200; at++) span.addEvent('token')
  span.recordException(new TypeError('no weather today'))
  span.setStatus({ code: SpanStatusCode.ERROR })
  span.end()

  expect(find(observing.events(), 'agent.error').error).toMatchObject({
    type: 'TypeError',
    message: 'no weather today',
  })
})
