import { context, ROOT_CONTEXT, type Span, trace } from '@opentelemetry/api'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { observeRun } from '../observe/observe-run.ts'
import { type Observing, startObserving } from '../testing/observing.ts'
import { told, tree } from '../testing/telling.ts'

let observing: Observing

beforeEach(() => {
  vi.useFakeTimers({
    toFake: ['setTimeout', 'clearTimeout', 'setInterval', 'clearInterval', 'Date', 'performance'],
  })
  observing = startObserving({ runBy: 'conversation' })
})

afterEach(() => {
  observing.stop()
  vi.useRealTimers()
})

const IDLE_MS = 120_000

function open(name: string, conversation?: string, parent?: Span): Span {
  const above = parent === undefined ? ROOT_CONTEXT : trace.setSpan(ROOT_CONTEXT, parent)
  return observing.foreign.startSpan(
    `invoke_agent ${name}`,
    {
      attributes: {
        'gen_ai.operation.name': 'invoke_agent',
        'gen_ai.agent.name': name,
        ...(conversation !== undefined && { 'gen_ai.conversation.id': conversation }),
      },
    },
    above,
  )
}

function turn(name: string, conversation?: string, parent?: Span): Span {
  const span = open(name, conversation, parent)
  span.end()
  return span
}

describe('traces of one conversation', () => {
  test('are one run, which goes by the conversation’s id and ends when it is silent', () => {
    const first = turn('Support', 'thread_4711')
    vi.advanceTimersByTime(IDLE_MS / 2)
    const second = turn('Billing', 'thread_4711')
    turn('Support', 'thread_4712')

    const run = observing.registry.get('thread_4711')
    expect(observing.registry.size).toBe(2)
    expect(run?.summary()).toMatchObject({
      name: 'Support',
      status: 'running',
      traceIds: [first, second].map((span) => span.spanContext().traceId),
    })
    vi.advanceTimersByTime(IDLE_MS - 20_000)
    expect(run?.ended).toBe(false)
    vi.advanceTimersByTime(40_000)

    expect(told(run?.getEvents() ?? [])).toEqual([
      'run.start Support',
      'agent.start Support',
      'agent.end Support',
      'agent.start Billing',
      'agent.end Billing',
      'run.end abandoned',
    ])
    expect(observing.span('invoke_agent Billing').attributes['spancast.run.id']).toBe('thread_4711')
  })

  test('are a new run when it had fallen silent', () => {
    turn('Support', 'thread_4711')
    const { epoch } = observing.registry.get('thread_4711') ?? {}
    vi.advanceTimersByTime(IDLE_MS * 2)

    turn('Support', 'thread_4711')

    const run = observing.registry.get('thread_4711')
    expect(run?.epoch).not.toBe(epoch)
    expect(run?.ended).toBe(false)
  })

  test('are not silent while something of them is open', () => {
    const span = open('Slow', 'thread_4711')
    vi.advanceTimersByTime(IDLE_MS * 5)
    expect(observing.registry.get('thread_4711')?.ended).toBe(false)

    span.end()
    vi.advanceTimersByTime(IDLE_MS * 2)

    expect(told(observing.events('thread_4711'))).toEqual([
      'run.start Slow',
      'agent.start Slow',
      'agent.end Slow',
      'run.end abandoned',
    ])
  })

  test('have a hash for a name where the conversation’s id cannot name a run', () => {
    turn('Support', 'user@example.com / 7')
    turn('Support', 'user@example.com / 7')
    turn('Support', 'user@example.com / 8')

    const ids = observing.registry.list().map(({ randomId }) => randomId)
    expect(ids).toHaveLength(2)
    for (const id of ids) expect(id).toMatch(/^conv_[0-9a-f]{32}$/)
  })
})

describe('a span of a conversation', () => {
  test('below the span of an HTTP request is at the top of its run, and so is what comes beside it', () => {
    const request = observing.foreign.startSpan('POST /chat', {}, ROOT_CONTEXT)
    const agent = open('Support', 'thread_4711', request)
    turn('Helper', 'another_thread', agent)
    agent.end()
    turn('Titles', undefined, request)
    request.end()

    expect(observing.registry.size).toBe(1)
    // The first line is the run's own start.
    expect(tree(observing.events('thread_4711'))).toEqual([
      'Support',
      'Support',
      'Helper < Support',
      'Titles',
    ])
  })

  test('belongs to the run that is named around it', async () => {
    await observeRun({ randomId: 'run-explicit-1', conversationId: 'thread_4711' }, () => {
      observing.foreign
        .startSpan(
          'invoke_agent Inner',
          {
            attributes: {
              'gen_ai.operation.name': 'invoke_agent',
              'gen_ai.conversation.id': 'thread_4711',
            },
          },
          context.active(),
        )
        .end()
    })

    expect(observing.registry.list().map(({ randomId }) => randomId)).toEqual(['run-explicit-1'])
    expect(told(observing.events()).at(-1)).toBe('run.end ok')
    expect(observing.span('invoke_workflow run').attributes['gen_ai.conversation.id']).toBe(
      'thread_4711',
    )
  })

  test('that tells its session right after its start is in it too', async () => {
    const span = trace.getTracer('oi').startSpan('agent', {}, ROOT_CONTEXT)
    span.setAttribute('openinference.span.kind', 'AGENT')
    span.setAttribute('session.id', 'session-0001')
    await Promise.resolve()
    span.end()

    expect(told(observing.events('session-0001'))).toHaveLength(3)
  })

  test('that names none is a part of its trace, as it is without the option', () => {
    const span = turn('Support')

    expect(told(observing.events(span.spanContext().traceId)).at(-1)).toBe('run.end ok')
  })
})

test('without the option a conversation gathers nothing', () => {
  observing.stop()
  observing = startObserving()

  turn('Support', 'thread_4711')
  turn('Support', 'thread_4711')

  expect(observing.registry.get('thread_4711')).toBeUndefined()
  expect(observing.registry.size).toBe(2)
})

test('another value of the option is refused', () => {
  expect(() => startObserving({ runBy: 'user' as never })).toThrow(
    "Expected `runBy` to be 'trace' or 'conversation', got user.",
  )
})
