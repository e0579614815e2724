import { context, ROOT_CONTEXT, type Span, SpanStatusCode, trace } from '@opentelemetry/api'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import type { AgentEvent } from '../event/agent-event.ts'
import { emit } from '../observe/emit.ts'
import { observe } from '../observe/observe.ts'
import { observeRun } from '../observe/observe-run.ts'
import { type Observing, startObserving } from '../testing/observing.ts'
import { find, told, tree } from '../testing/telling.ts'

let observing: Observing

beforeEach(() => {
  observing = startObserving()
})

afterEach(() => {
  observing.stop()
})

const KIND = 'openinference.span.kind'

/** Starts a span as OpenInference does: what it is stands there only right after. */
function start(name: string, kind: string | undefined, parent?: Span, scope = 'oi'): Span {
  const above = parent === undefined ? ROOT_CONTEXT : trace.setSpan(ROOT_CONTEXT, parent)
  const span = trace.getTracer(scope).startSpan(name, {}, above)
  if (kind !== undefined) span.setAttribute(KIND, kind)
  return span
}

function expectOrder(events: readonly AgentEvent[]): void {
  const started = new Set<string>()
  for (const { type, spanId, parentSpanId } of events) {
    if (parentSpanId !== undefined) expect(started.has(parentSpanId)).toBe(true)
    if (type.endsWith('.start')) started.add(spanId)
    else expect(started.has(spanId)).toBe(true)
  }
}

describe('a trace that its library marks as an agent, and leaves open when one fails', () => {
  const SCOPE = '@arizeai/openinference-instrumentation-openai-agents'
  const fail = (span: Span): void => {
    span.setStatus({ code: SpanStatusCode.ERROR, message: 'no answer' }).end()
  }
  beforeEach(() => {
    vi.useFakeTimers()
  })
  afterEach(() => {
    vi.useRealTimers()
  })

  test('is abandoned with its run when nothing more is heard of it', async () => {
    const root = start('Agent workflow', 'AGENT', undefined, SCOPE)
    await Promise.resolve()
    fail(start('Planner', 'AGENT', root, SCOPE))

    await vi.advanceTimersByTimeAsync(4 * 60_000)

    expect(told(observing.events()).slice(-3)).toEqual([
      'agent.error Planner',
      'agent.end Agent workflow',
      'run.end abandoned',
    ])
  })

  test('is at its end what it was at its start', async () => {
    const root = start('Ask the team', 'AGENT', undefined, SCOPE)
    await Promise.resolve()
    root.end()

    expect(find(observing.events(), 'agent.start').nodeKind).toBe('workflow')
    expect(find(observing.events(), 'agent.end').nodeKind).toBeUndefined()
  })

  test('goes on for as long as something else in it does', async () => {
    const root = start('Agent workflow', 'AGENT', undefined, SCOPE)
    await Promise.resolve()
    fail(start('Planner', 'AGENT', root, SCOPE))
    const second = start('Writer', 'AGENT', root, SCOPE)
    await Promise.resolve()

    await vi.advanceTimersByTimeAsync(4 * 60_000)
    second.end()
    root.end()

    expect(told(observing.events()).slice(-3)).toEqual([
      'agent.end Writer',
      'agent.end Agent workflow',
      'run.end ok',
    ])
  })
})

describe('a span that tells right after its start what it is', () => {
  test('is live one microtask later, before it ends', async () => {
    const agent = start('weather_agent', 'AGENT')
    expect(observing.events()).toEqual([])

    await Promise.resolve()

    expect(told(observing.events())).toEqual([
      'run.start weather_agent',
      'agent.start weather_agent',
    ])
    agent.end()
    expect(told(observing.events()).slice(2)).toEqual(['agent.end weather_agent', 'run.end ok'])
  })

  test('is told in full if it ends before', () => {
    const agent = start('weather_agent', 'AGENT')
    const tool = start('get_weather', 'TOOL', agent)
    tool.end()
    agent.end()

    expect(told(observing.events())).toEqual([
      'run.start weather_agent',
      'agent.start weather_agent',
      'agent.tool.start get_weather',
      'agent.tool.end get_weather',
      'agent.end weather_agent',
      'run.end ok',
    ])
  })

  test('starts before a child that tells at once', async () => {
    const agent = start('weather_agent', 'AGENT')
    const between = start('http', undefined, agent, '@opentelemetry/instrumentation-http')
    const chat = { 'gen_ai.operation.name': 'chat', 'gen_ai.request.model': 'm' }
    const below = trace.setSpan(ROOT_CONTEXT, between)
    const call = observing.foreign.startSpan('chat m', { attributes: chat }, below)

    expect(tree(observing.events())).toEqual([
      'weather_agent',
      'weather_agent',
      'm < weather_agent',
    ])

    for (const span of [call, between, agent]) span.end()
    await Promise.resolve()
    expectOrder(observing.events())
    expect(observing.registry.list()).toHaveLength(1)
  })

  test('hangs below the nearest span above it that has events, in the order of the starts', async () => {
    const root = start('team', 'AGENT')
    const wrapper = start('wrapper', undefined, root)
    const inner = start('researcher', 'AGENT', wrapper)
    const tool = start('search', 'TOOL', inner)

    await Promise.resolve()

    expect(tree(observing.events())).toEqual([
      'team',
      'team',
      'researcher < team',
      'search < researcher',
    ])
    for (const span of [tool, inner, wrapper, root]) span.end()
    expectOrder(observing.events())
    expect(told(observing.events()).at(-1)).toBe('run.end ok')
  })

  test('belongs to the run that it was started in', async () => {
    await observeRun({ randomId: 'run-second-look' }, async () => {
      await observe(
        async () => {
          const span = trace.getTracer('oi').startSpan('search', {}, context.active())
          span.setAttribute(KIND, 'TOOL')
          await Promise.resolve()
          span.end()
        },
        { name: 'Outer' },
      )()
    })

    const events = observing.events('run-second-look')
    expect(tree(events)).toEqual(['run', 'Outer < run', 'search < Outer'])
    expect(observing.span('search').attributes['spancast.run.id']).toBe('run-second-look')
  })

  test('takes what is emitted in it at once', async () => {
    await observeRun({ randomId: 'run-emits-early' }, () => {
      const span = trace.getTracer('oi').startSpan('researcher', {}, context.active())
      span.setAttribute(KIND, 'AGENT')
      context.with(trace.setSpan(context.active(), span), () => emit('progress', 1))
      span.end()
    })

    const events = observing.events('run-emits-early')
    expect(find(events, 'agent.event').nodeId).toBe(find(events, 'agent.start').nodeId)
  })

  test('is found as a parent by its id alone, as LangChain’s instrumentation names it', async () => {
    const scope = '@arizeai/openinference-instrumentation-langchain'
    const tracer = trace.getTracer(scope)
    const attributes = (kind: string) => ({ attributes: { [KIND]: kind } })
    const below = (span: Span) => trace.setSpanContext(ROOT_CONTEXT, span.spanContext())
    const graph = tracer.startSpan('team', attributes('CHAIN'), ROOT_CONTEXT)
    const node = tracer.startSpan('agent', attributes('CHAIN'), below(graph))
    const plumbing = tracer.startSpan('RunnableSequence', attributes('CHAIN'), below(node))
    const call = tracer.startSpan('ChatOpenAI', attributes('LLM'), below(plumbing))
    call.setAttribute('llm.model_name', 'm')

    await Promise.resolve()
    for (const span of [call, plumbing, node, graph]) span.end()

    const events = observing.events()
    expect(observing.registry.list()).toHaveLength(1)
    expect(tree(events)).toEqual(['team', 'team', 'agent < team', 'null < agent'])
    expect(find(events, 'agent.llm.end').model).toBe('m')
    expect(told(events).at(-1)).toBe('run.end ok')
  })

  test('and one that tells nothing gives no event, nor a run', async () => {
    const span = start('work', undefined)
    await Promise.resolve()
    span.setAttribute(KIND, 'AGENT')
    span.end()

    expect(observing.registry.list()).toEqual([])
  })
})

test('an error that attributes tell is an error, of the run too', async () => {
  const agent = start('team', undefined)
  agent.setAttribute('langfuse.observation.type', 'agent')
  await Promise.resolve()
  agent.setAttribute('langfuse.observation.level', 'ERROR')
  agent.setAttribute('langfuse.observation.status_message', 'nope')
  agent.end()

  expect(find(observing.events(), 'agent.error').error.message).toBe('nope')
  expect(find(observing.events(), 'run.end')).toMatchObject({
    status: 'error',
    error: { message: 'nope' },
  })
})

describe('a span that its library leaves open', () => {
  test('closes as abandoned with its parent, and keeps no run open', async () => {
    const scope = '@arizeai/openinference-instrumentation-openai'
    const agent = start('weather_agent', 'AGENT')
    start('OpenAI Chat Completions', 'LLM', agent, scope)
    const other = start('search', 'TOOL', agent)
    await Promise.resolve()

    other.end()
    agent.end()

    const events = observing.events()
    expect(told(events).slice(-4)).toEqual([
      'agent.tool.end search',
      'agent.llm.end null',
      'agent.end weather_agent',
      'run.end ok',
    ])
    expect(find(events, 'agent.llm.end').abandoned).toBe(true)
    expect(find(events, 'agent.end')).toMatchObject({ unmeteredCalls: 1, unpricedCalls: 1 })
  })

  test('takes along what it has left open itself', async () => {
    const scope = '@traceloop/node-server-sdk'
    const spans: Span[] = []
    for (const kind of ['workflow', 'agent', 'tool']) {
      const span = start(`x.${kind}`, undefined, spans.at(-1), scope)
      span.setAttribute('traceloop.span.kind', kind)
      spans.push(span)
    }
    await Promise.resolve()

    spans[0]?.end()

    const ends = observing.events().filter(({ type }) => type.endsWith('.end'))
    expect(ends.map(({ type }) => type)).toEqual([
      'agent.tool.end',
      'agent.end',
      'agent.end',
      'run.end',
    ])
  })

  test('ends as it is if it ends by itself', async () => {
    const scope = '@arizeai/openinference-instrumentation-openai'
    const agent = start('weather_agent', 'AGENT')
    const call = start('OpenAI Chat Completions', 'LLM', agent, scope)
    await Promise.resolve()

    call.setStatus({ code: SpanStatusCode.ERROR, message: 'no' })
    call.end()
    agent.end()

    expect(find(observing.events(), 'agent.llm.end')).toMatchObject({ error: { message: 'no' } })
    expect(find(observing.events(), 'agent.llm.end')).not.toHaveProperty('abandoned')
  })
})
