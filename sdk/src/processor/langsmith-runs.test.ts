import { context, type Span, SpanStatusCode, trace } from '@opentelemetry/api'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { type Observing, startObserving } from '../testing/observing.ts'
import { find, told, tree } from '../testing/telling.ts'

let observing: Observing
beforeEach(() => {
  observing = startObserving()
})
afterEach(() => {
  observing.stop()
})

const start = (name: string, parent?: Span): Span =>
  trace
    .getTracer('langsmith')
    .startSpan(
      name,
      { attributes: { 'langsmith.traceable': 'true' } },
      parent === undefined ? context.active() : trace.setSpan(context.active(), parent),
    )

/** LangSmith says what a run was when it sends the run, with status OK whatever happened. */
function sent(span: Span, kind: string, more: Record<string, string | number> = {}): void {
  span.setAttributes({ 'langsmith.span.kind': kind, ...more })
  span.setStatus({ code: SpanStatusCode.OK })
  span.end()
}

test('LangSmith’s runs are live by their names, and what they failed of is told', () => {
  const guide = start('guide')
  const call = start('ChatOpenAI', guide)
  const tool = start('check_alerts', guide)
  const running = told(observing.events())
  sent(call, 'llm', { 'gen_ai.request.model': 'm', 'gen_ai.usage.input_tokens': 120 })
  tool.recordException(new Error('TypeError: alerts are down'))
  sent(tool, 'tool')
  start('ChatOpenAI', guide) // which a streamed or failed call never ends
  sent(guide, 'chain')

  const events = observing.events()
  expect(running).toHaveLength(4)
  const calls = ['null < guide', 'check_alerts < guide', 'null < guide']
  expect(tree(events)).toEqual(['guide', 'guide', ...calls])
  expect(find(events, 'agent.error')).toMatchObject({
    nodeName: 'check_alerts',
    error: { type: 'TypeError', message: 'alerts are down' },
  })
  expect(find(events, 'agent.llm.end')).toMatchObject({ model: 'm' })
  expect(find(events, 'agent.end', 'guide')).toMatchObject({ unmeteredCalls: 1 })
  expect(find(events, 'run.end')).toMatchObject({
    status: 'ok',
    tokenUsage: { inputTokens: 120 },
    unmeteredCalls: 1,
  })
})
