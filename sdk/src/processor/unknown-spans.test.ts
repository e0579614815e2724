import { context, propagation, ROOT_CONTEXT, TraceFlags, trace } from '@opentelemetry/api'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { emit, recordUsage } from '../observe/emit.ts'
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

const http = () => trace.getTracer('@opentelemetry/instrumentation-http')

test('the thousands of spans of a server give no runs, and get no attribute', async () => {
  for (let i = 0; i < 5000; i++) {
    const request = http().startSpan('GET', { attributes: { 'url.path': '/' } }, ROOT_CONTEXT)
    const below = trace.setSpan(ROOT_CONTEXT, request)
    const handler = trace.getTracer('my-app').startSpan('handler', {}, below)
    trace
      .getTracer('pg')
      .startSpan('SELECT', { attributes: { 'db.system.name': 'postgresql' } }, below)
      .end()
    handler.end()
    request.end()
    if (i % 1000 === 0) await Promise.resolve()
  }

  expect(observing.registry.size).toBe(0)
  expect(observing.spans()).toHaveLength(15_000)
  expect(observing.span('handler').attributes).toEqual({})
})

test('what is open while thousands of spans start and end in one turn is recognised after it', async () => {
  const early = trace.getTracer('my-app').startSpan('early', {}, ROOT_CONTEXT)
  for (let i = 0; i < 10_000; i++) {
    trace.getTracer('my-app').startSpan('bare', {}, ROOT_CONTEXT).end()
  }
  early.setAttribute('openinference.span.kind', 'AGENT')
  await Promise.resolve()
  early.end()

  expect(told(observing.events())).toEqual([
    'run.start early',
    'agent.start early',
    'agent.end early',
    'run.end ok',
  ])
})

test('spans that tell later end in any order, each of them recognised', () => {
  const spans = Array.from({ length: 3000 }, () => {
    const span = trace.getTracer('my-app').startSpan('later', {}, ROOT_CONTEXT)
    span.setAttribute('openinference.span.kind', 'AGENT')
    return span
  })
  for (const span of spans.slice(0, 1000)) span.end()
  for (const span of spans.slice(1000).reverse()) span.end()

  expect(observing.registry.size).toBe(3000)
  expect(observing.registry.list().every((run) => run.summary().status === 'ok')).toBe(true)
})

test('what is emitted in a span that nobody recognises is told of what is above it', async () => {
  await observeRun({ randomId: 'run-emits-above' }, () => {
    observe(
      () => {
        const bare = trace.getTracer('my-app').startSpan('bare', {}, context.active())
        const nested = trace
          .getTracer('my-app')
          .startSpan('nested', {}, trace.setSpan(context.active(), bare))
        context.with(trace.setSpan(context.active(), nested), () => {
          emit('progress', 1)
          recordUsage({ inputTokens: 3 })
        })
        nested.end()
        bare.end()
      },
      { name: 'Agent' },
    )()
  })

  const events = observing.events('run-emits-above')
  expect(find(events, 'agent.event').spanId).toBe(find(events, 'agent.start').spanId)
  expect(find(events, 'agent.end').tokenUsage.inputTokens).toBe(3)
  expect(observing.span('nested').attributes['spancast.run.id']).toBe('run-emits-above')
})

test('a call from another process is a part of the caller’s run, below spans that nobody recognises', () => {
  const remote = trace.setSpanContext(ROOT_CONTEXT, {
    traceId: 'a'.repeat(32),
    spanId: 'b'.repeat(16),
    traceFlags: TraceFlags.SAMPLED,
    isRemote: true,
  })
  const baggage = propagation.createBaggage({ 'spancast.run.id': { value: 'run-of-the-caller' } })
  const request = http().startSpan('POST', {}, propagation.setBaggage(remote, baggage))
  context.with(
    trace.setSpan(ROOT_CONTEXT, request),
    observe(() => 1, { name: 'Served' }),
  )
  request.end()

  const events = observing.events('a'.repeat(32))
  expect(tree(events)).toEqual(['POST', 'Served < unknown'])
  expect(find(events, 'agent.start').parentSpanId).toBe('b'.repeat(16))
})

test('a run that begins below a request that has ended stands for itself', () => {
  const request = http().startSpan('GET', {}, ROOT_CONTEXT)
  request.end()
  context.with(
    trace.setSpan(ROOT_CONTEXT, request),
    observe(() => 1, { name: 'Work' }),
  )

  expect(told(observing.events()).at(-1)).toBe('run.end ok')
})

test('what starts in one context before and after a run began in it finds that run', () => {
  const request = http().startSpan('POST /ask', {}, ROOT_CONTEXT)
  const below = trace.setSpan(ROOT_CONTEXT, request)
  const work = (note: string): void => {
    const query = trace
      .getTracer('pg')
      .startSpan('SELECT', { attributes: { 'db.system.name': 'postgresql' } }, below)
    context.with(trace.setSpan(below, query), () => emit(note, 1))
    query.end()
  }

  work('before')
  context.with(
    below,
    observe(() => 1, { name: 'Agent' }),
  )
  work('after')
  request.end()

  const notes = observing.events().filter(({ type }) => type === 'agent.event')
  expect(notes).toMatchObject([{ name: 'after', spanId: request.spanContext().spanId }])
})

test('what starts in one context is of the run that a conversation began there', () => {
  observing.stop()
  observing = startObserving({ runBy: 'conversation' })
  const request = http().startSpan('POST /ask', {}, ROOT_CONTEXT)
  const below = trace.setSpan(ROOT_CONTEXT, request)
  const query = (name: string): void =>
    trace
      .getTracer('pg')
      .startSpan(name, { attributes: { 'db.system.name': 'postgresql' } }, below)
      .end()

  query('first')
  const attributes = { 'gen_ai.operation.name': 'chat', 'gen_ai.conversation.id': 'talk-0001' }
  trace.getTracer('chat').startSpan('chat m', { attributes }, below).end()
  query('second')
  request.end()

  expect(observing.span('first').attributes['spancast.run.id']).toBeUndefined()
  expect(observing.span('second').attributes['spancast.run.id']).toBe('talk-0001')
})
