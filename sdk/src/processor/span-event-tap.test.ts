import { context, ROOT_CONTEXT, type Span, trace } from '@opentelemetry/api'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { CustomEvent } from '../event/agent-event.ts'
import { emit } from '../observe/emit.ts'
import { observe } from '../observe/observe.ts'
import { type Observing, startObserving } from '../testing/observing.ts'
import { find, told } from '../testing/telling.ts'

let observing: Observing

beforeEach(() => {
  observing = startObserving({ liveSpanEvents: true })
})

afterEach(() => {
  observing.stop()
})

const AGENT = { 'gen_ai.operation.name': 'invoke_agent', 'gen_ai.agent.name': 'Support' }

function open(name: string, attributes: Record<string, string> = AGENT, parent?: Span): Span {
  const above = parent === undefined ? ROOT_CONTEXT : trace.setSpan(ROOT_CONTEXT, parent)
  return observing.foreign.startSpan(name, { attributes }, above)
}

function custom(): CustomEvent[] {
  return observing.events().filter((event): event is CustomEvent => event.type === 'agent.event')
}

describe('an event that is added to an observed span', () => {
  test('is live at that moment, with its attributes, and on the span as ever', () => {
    const span = open('invoke_agent Support')

    const returned = span.addEvent('plan_made', { steps: 3, tags: ['a', 'b'] })

    expect(custom()).toMatchObject([
      {
        name: 'plan_made',
        content: { steps: 3, tags: ['a', 'b'] },
        spanId: span.spanContext().spanId,
        nodeId: span.spanContext().spanId,
        namespace: 'Support',
      },
    ])
    span.end()
    expect(returned).toBe(span)
    expect(observing.span('invoke_agent Support').events).toMatchObject([
      { name: 'plan_made', attributes: { steps: 3, tags: ['a', 'b'] } },
    ])
    expect(Object.hasOwn(span, 'addEvent')).toBe(false)
  })

  test('has the time that it is given, in each of the forms', () => {
    const span = open('invoke_agent Support')
    const at = Date.now() - 5000

    span.addEvent('number', at)
    span.addEvent('date', { n: 1 }, new Date(at))
    span.addEvent('pair', [Math.floor(at / 1000), (at % 1000) * 1e6])
    span.addEvent('now')
    span.addEvent('clock', undefined, performance.now())

    const times = custom().map(({ timestamp }) => Math.round(timestamp))
    expect(times.slice(0, 3)).toEqual([at, at, at])
    for (const time of times.slice(3)) expect(Math.abs(time - at - 5000)).toBeLessThan(60_000)
    expect(custom().map(({ content }) => content)).toEqual([null, { n: 1 }, null, null, null])
  })

  test('is told once where it is one of `emit`', () => {
    observe(() => emit('progress', 1), { name: 'Support' })()

    expect(custom()).toMatchObject([{ name: 'progress', content: 1 }])
    expect(observing.span('invoke_agent Support').events).toHaveLength(1)
  })

  test('is no custom event where it is an exception', () => {
    const span = open('invoke_agent Support')
    span.recordException(new TypeError('broken'))
    span.end()

    expect(custom()).toEqual([])
    expect(observing.span('invoke_agent Support').events).toHaveLength(1)
  })

  test('is of the span that our wrapper opened', () => {
    observe(() => trace.getSpan(context.active())?.addEvent('checked', { ok: true }), {
      name: 'check',
      kind: 'tool',
    })()

    expect(custom()).toMatchObject([{ name: 'checked', content: { ok: true } }])
    expect(custom()[0]?.spanId).toBe(find(observing.events(), 'agent.tool.start').spanId)
  })

  test('is of the span’s own node, though the span tells only later what it is', async () => {
    const span = trace.getTracer('oi').startSpan('agent', {}, ROOT_CONTEXT)
    span.setAttribute('openinference.span.kind', 'AGENT')
    span.addEvent('early')
    await Promise.resolve()
    span.addEvent('late')
    span.end()

    expect(told(observing.events())).toEqual([
      'run.start agent',
      'agent.start agent',
      'agent.event early',
      'agent.event late',
      'agent.end agent',
      'run.end ok',
    ])
    expect(Object.hasOwn(span, 'addEvent')).toBe(false)
  })

  test('is redacted as content is', () => {
    open('invoke_agent Support').addEvent('login', { password: 'hunter2' })

    expect(JSON.stringify(custom())).not.toContain('hunter2')
  })
})

describe('is not told', () => {
  test('what is added to a span that nobody recognised', async () => {
    const agent = open('invoke_agent Support')
    const http = open('POST', { 'http.request.method': 'POST' }, agent)
    const unsaid = trace.getTracer('x').startSpan('x', {}, trace.setSpan(ROOT_CONTEXT, agent))
    http.addEvent('sent')
    unsaid.addEvent('sent')
    await Promise.resolve()
    unsaid.addEvent('sent')

    expect(custom()).toEqual([])
    for (const span of [http, unsaid, agent]) span.end()
    expect(observing.span('POST').events).toHaveLength(1)
    expect(observing.span('x').events).toHaveLength(2)
  })

  test('what comes after the span’s end', () => {
    const span = open('invoke_agent Support')
    const { addEvent } = span
    span.end()
    addEvent.call(span, 'late')
    span.addEvent('late')

    expect(custom()).toEqual([])
  })

  test('anything without the option, and no span is touched', () => {
    observing.stop()
    observing = startObserving()
    const span = open('invoke_agent Support')
    span.addEvent('plan_made')

    expect(custom()).toEqual([])
    expect(Object.hasOwn(span, 'addEvent')).toBe(false)
  })
})

test('who wrapped the method after us keeps what they put there', () => {
  const span = open('invoke_agent Support')
  const ours = span.addEvent
  const theirs: Span['addEvent'] = (...args) => ours.apply(span, args)
  span.addEvent = theirs as typeof span.addEvent
  span.addEvent('once')
  span.end()

  expect(custom()).toHaveLength(1)
  expect(span.addEvent).toBe(theirs)
})
