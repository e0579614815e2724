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
  expect(find(events, 'agent.tool.end')).toMatchObject({
    toolName: 'check_alerts',
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

test('a tool of LangSmith is one at its end, with its arguments and its result as values', () => {
  const guide = start('guide')
  const tool = start('get_weather', guide)
  const inner = start('lookup', tool)
  sent(inner, 'chain')
  sent(tool, 'tool', {
    'gen_ai.prompt': '{"input":"{\\"city\\":\\"Rome\\"}"}',
    'gen_ai.completion': '{"outputs":{"celsius":21}}',
  })
  sent(guide, 'chain')

  const events = observing.events()
  expect(told(events).filter((line) => line.endsWith(' get_weather'))).toEqual([
    'agent.start get_weather',
    'agent.tool.end get_weather',
  ])
  expect(find(events, 'agent.tool.end')).toMatchObject({
    toolName: 'get_weather',
    args: { city: 'Rome' },
    result: { celsius: 21 },
  })
})

test('a tool of LangSmith that is the whole run ends as the node that it began as', () => {
  sent(start('get_weather'), 'tool')

  expect(told(observing.events())).toEqual([
    'run.start get_weather',
    'agent.start get_weather',
    'agent.end get_weather',
    'run.end ok',
  ])
})
