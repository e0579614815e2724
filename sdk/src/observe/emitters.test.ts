import { context, trace } from '@opentelemetry/api'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { withObservationContext } from '../context/observation-context.ts'
import type { AgentEvent } from '../event/agent-event.ts'
import { type Observing, startObserving } from '../testing/observing.ts'
import { find, told, tree } from '../testing/telling.ts'
import {
  emitAgentEnd,
  emitAgentError,
  emitAgentStart,
  emitAgentToolEnd,
  emitAgentToolStart,
} from './emitters.ts'
import { observe } from './observe.ts'
import { observeRun } from './observe-run.ts'

let observing: Observing
beforeEach(() => {
  observing = startObserving()
})
afterEach(() => {
  vi.useRealTimers()
  observing.stop()
})

/** The events of a run in which `fn` emits. */
function emitted(fn: () => void): AgentEvent[] {
  const observer = observing.registry.create()
  withObservationContext({ randomId: observer.randomId, observer }, fn)
  return observer.getEvents()
}

test('a node and its tool come out as the lines that their emitters describe', () => {
  const before = Date.now()
  const events = emitted(() => {
    emitAgentStart('abc', 'Researcher')
    emitAgentToolStart('abc', 'web_search', { query: 'otel' })
    emitAgentToolEnd('abc', 'web_search', 1500, ['hit'])
    emitAgentEnd('abc', 2000, 0.002, { inputTokens: 10, outputTokens: 5 })
  })

  expect(events).toMatchObject([
    { type: 'run.start' },
    { type: 'agent.start', nodeId: 'abc', nodeName: 'Researcher', timestamp: expect.any(Number) },
    { type: 'agent.tool.start', nodeId: 'abc', toolName: 'web_search', args: { query: 'otel' } },
    {
      type: 'agent.tool.end',
      nodeId: 'abc',
      toolName: 'web_search',
      duration: 1500,
      result: ['hit'],
    },
    {
      type: 'agent.end',
      nodeId: 'abc',
      nodeName: 'Researcher',
      duration: 2000,
      cost: 0.002,
      tokenUsage: { inputTokens: 10, outputTokens: 5, totalTokens: 15 },
    },
    { type: 'run.end', status: 'ok', cost: 0.002, tokenUsage: { totalTokens: 15 } },
  ])
  expect(events[1]?.timestamp).toBeGreaterThanOrEqual(before)
  expect(tree(events)).toEqual(['Researcher', 'Researcher', 'web_search < Researcher'])
})

test('they are real spans, correctly parented, with the given durations', async () => {
  const { randomId } = await observeRun({ name: 'Team' }, () => {
    emitAgentStart('abc', 'Researcher')
    emitAgentToolStart('abc', 'search', { q: 1 })
    emitAgentToolEnd('abc', 'search', 1500)
    emitAgentEnd('abc', 2000, 0.5)
  })

  const [run, node, tool] = [
    'invoke_workflow Team',
    'invoke_agent Researcher',
    'execute_tool search',
  ].map((name) => observing.span(name))
  expect(node?.parentSpanContext?.spanId).toBe(run?.spanContext().spanId)
  expect(tool?.parentSpanContext?.spanId).toBe(node?.spanContext().spanId)
  expect(node?.duration).toEqual([2, 0])
  expect(tool?.duration).toEqual([1, 500_000_000])
  expect(node?.attributes).toMatchObject({
    'gen_ai.operation.name': 'invoke_agent',
    'gen_ai.agent.name': 'Researcher',
    'spancast.node.id': 'abc',
    'spancast.run.id': randomId,
    'spancast.cost.usd': 0.5,
  })
})

test('a failed node and a failed tool tell their errors, whatever was thrown', () => {
  const events = emitted(() => {
    emitAgentStart('abc', 'Researcher')
    emitAgentToolStart('abc', 'search', 'q')
    emitAgentToolEnd('abc', 'search', 3, undefined, new RangeError('too far'))
    emitAgentError('abc', 'just a text')
  })

  expect(find(events, 'agent.tool.end')).toMatchObject({
    duration: 3,
    error: { type: 'RangeError', message: 'too far' },
  })
  expect(find(events, 'agent.error')).toMatchObject({
    nodeName: 'Researcher',
    error: { message: 'just a text' },
  })
  expect(observing.span('invoke_agent Researcher').status.code).toBe(2)
  expect(told(events).at(-1)).toBe('run.end ok')
})

describe('ends find their starts', () => {
  test('a tool’s by node and name, first in first out', () => {
    const events = emitted(() => {
      emitAgentStart('n1', 'One')
      emitAgentStart('n2', 'Two')
      emitAgentToolStart('n1', 'search', 'first')
      emitAgentToolStart('n1', 'search', 'second')
      emitAgentToolStart('n2', 'search', 'other node')
      emitAgentToolStart('n1', 'fetch', 'other tool')
      emitAgentToolEnd('n1', 'search', 1, 'r1')
      emitAgentToolEnd('n1', 'search', 2, 'r2')
      emitAgentToolEnd('n1', 'fetch', 3, 'r3')
      emitAgentToolEnd('n2', 'search', 4, 'r4')
      emitAgentEnd('n2', 1, 0)
      emitAgentEnd('n1', 1, 0)
    })

    const args = new Map<string, unknown>()
    const pairs: unknown[] = []
    for (const event of events) {
      if (event.type === 'agent.tool.start') args.set(event.spanId, event.args)
      if (event.type === 'agent.tool.end')
        pairs.push([args.get(event.spanId), event.result, event.nodeId])
    }
    expect(pairs).toEqual([
      ['first', 'r1', 'n1'],
      ['second', 'r2', 'n1'],
      ['other tool', 'r3', 'n1'],
      ['other node', 'r4', 'n2'],
    ])
  })

  test('a node’s by its id, the newest first, so that a node may be in itself', () => {
    const events = emitted(() => {
      emitAgentStart('n', 'Outer')
      emitAgentStart('n', 'Inner')
      emitAgentEnd('n', 1, 0)
      emitAgentEnd('n', 1, 0)
    })

    expect(told(events).slice(3, 5)).toEqual(['agent.end Inner', 'agent.end Outer'])
  })

  test('one without a start makes both, and lies its duration back', () => {
    const events = emitted(() => {
      emitAgentToolEnd('n', 'search', 400, 'r')
      emitAgentEnd('n', 500, 0.25)
      emitAgentError('m', new Error('no'))
    })

    expect(told(events)).toEqual([
      'run.start search',
      'agent.tool.start search',
      'agent.tool.end search',
      'agent.start n',
      'agent.end n',
      'agent.start m',
      'agent.error m',
      'run.end ok',
    ])
    expect(find(events, 'agent.tool.start')).toMatchObject({ nodeId: 'n', args: null })
    expect(find(events, 'agent.end')).toMatchObject({ duration: 500, cost: 0.25 })
    const start = find(events, 'agent.start', 'n').timestamp
    expect(find(events, 'agent.end').timestamp - start).toBeCloseTo(500)
  })
})

describe('what is left open', () => {
  test('ends with its run as abandoned, the newest first, and is not late', () => {
    vi.useFakeTimers({
      toFake: ['setTimeout', 'clearTimeout', 'setInterval', 'clearInterval', 'Date', 'performance'],
    })
    const observer = observing.registry.create()
    withObservationContext({ randomId: observer.randomId, observer }, () => {
      emitAgentStart('n1', 'One')
      emitAgentStart('n2', 'Two')
      emitAgentToolStart('n2', 'search', 1)
    })
    vi.advanceTimersByTime(10_000)

    expect(told(observer.getEvents()).slice(-4)).toEqual([
      'agent.tool.end search',
      'agent.end Two',
      'agent.end One',
      'run.end ok',
    ])
    expect(find(observer.getEvents(), 'agent.end')).toMatchObject({ abandoned: true })
    expect(observing.spans()).toHaveLength(3)
    expect(observer.summary().lateEvents).toBe(0)
  })

  test('in a run of observeRun too', async () => {
    vi.useFakeTimers({
      toFake: ['setTimeout', 'clearTimeout', 'setInterval', 'clearInterval', 'Date', 'performance'],
    })
    await observeRun({}, () => emitAgentStart('n1', 'One'))
    vi.advanceTimersByTime(10_000)

    expect(told(observing.events())).toEqual([
      'run.start run',
      'agent.start One',
      'agent.end One',
      'run.end ok',
    ])
    expect(observing.registry.list()[0]?.summary().lateEvents).toBe(0)
    expect(observing.span('invoke_agent One').attributes['spancast.abandoned']).toBe(true)
  })
})

describe('emitters never break their caller', () => {
  test('outside a run they do nothing', () => {
    emitAgentStart('a', 'A')
    emitAgentToolStart('a', 't', 1)
    emitAgentToolEnd('a', 't', 1)
    emitAgentEnd('a', 1, 0)
    emitAgentError('a', new Error('x'))

    expect(observing.spans()).toEqual([])
    expect(observing.registry.size).toBe(0)
  })

  test('without a provider they do nothing', () => {
    trace.disable()
    context.disable()

    expect(emitted(() => emitAgentStart('a', 'A'))).toEqual([])
  })

  test('whatever they are given', () => {
    const circular: Record<string, unknown> = {}
    circular.self = circular
    const events = emitted(() => {
      emitAgentStart('a', 'A')
      emitAgentToolStart('a', 't', circular)
      emitAgentToolEnd('a', 't', Number.NaN, 10n, null)
      emitAgentEnd('a', -5, Number.POSITIVE_INFINITY, { inputTokens: -1 })
    })

    expect(find(events, 'agent.tool.start').args).toEqual({ self: '[circular]' })
    expect(find(events, 'agent.tool.end')).toMatchObject({ result: '10n' })
    expect(find(events, 'agent.tool.end')).not.toHaveProperty('error')
    expect(find(events, 'agent.end')).toMatchObject({ cost: 0 })
    expect(find(events, 'agent.end').duration).toBeGreaterThanOrEqual(0)
  })

  test('they go together with observe', async () => {
    await observeRun({ name: 'Team' }, () =>
      observe(
        () => {
          emitAgentStart('step-1', 'Step')
          emitAgentEnd('step-1', 5, 1)
        },
        { name: 'Worker' },
      )(),
    )

    expect(tree(observing.events())).toEqual(['Team', 'Worker < Team', 'Step < Worker'])
    expect(find(observing.events(), 'agent.end', 'Worker').cost).toBe(1)
  })
})
