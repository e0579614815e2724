import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { withObservationContext } from '../context/observation-context.ts'
import { AgentObserver } from '../observer/agent-observer.ts'
import { type Observing, startObserving } from '../testing/observing.ts'
import { find, told } from '../testing/telling.ts'
import { emit } from './emit.ts'
import { EventStreamer, type StreamEvent } from './event-streamer.ts'
import { observe } from './observe.ts'
import { observeRun } from './observe-run.ts'

let observing: Observing
const stops: (() => void)[] = []
const streamer = EventStreamer.getInstance()

beforeEach(() => {
  observing = startObserving()
})
afterEach(() => {
  for (const stop of stops.splice(0)) stop()
  observing.stop()
})

/** What a subscriber of the namespace gets from here on. */
function follow(namespace: string): StreamEvent[] {
  const got: StreamEvent[] = []
  stops.push(streamer.subscribe(namespace, (event) => got.push(event)))
  return got
}

function types(events: readonly StreamEvent[]): string[] {
  return events.map(({ type }) => type)
}

describe('outside any run', () => {
  test('subscribers of the namespace, and of all, get what is emitted', () => {
    const sales = follow('sales_agent')
    const all = follow('*')

    streamer.emit('sales_agent', { type: 'progress', content: { status: 'deciding' } })
    streamer.emit('stock_agent', { type: 'progress', content: 2 })

    expect(sales).toEqual([
      { type: 'progress', content: { status: 'deciding' }, namespace: 'sales_agent' },
    ])
    expect(all.map(({ namespace }) => namespace)).toEqual(['sales_agent', 'stock_agent'])
    expect(observing.registry.size).toBe(0)
  })

  test('with nobody there nothing happens', () => {
    expect(() => streamer.emit('sales_agent', { type: 'progress', content: 1 })).not.toThrow()
  })

  test('a subscriber that throws harms neither the emitter nor the others', () => {
    stops.push(
      streamer.subscribe('a', () => {
        throw new Error('mine')
      }),
    )
    const got = follow('a')

    streamer.emit('a', { type: 'x', content: 1 })

    expect(types(got)).toEqual(['x'])
  })

  test('a function that subscribed twice hears twice, and each subscription ends by itself', () => {
    const got: string[] = []
    const hear = ({ type }: StreamEvent) => got.push(type)
    const stop = streamer.subscribe('a', hear)
    stops.push(streamer.subscribe('a', hear))

    streamer.emit('a', { type: 'x', content: 1 })
    stop()
    stop()
    streamer.emit('a', { type: 'y', content: 1 })

    expect(got).toEqual(['x', 'x', 'y'])
  })

  test.each([[''], ['x'.repeat(129)], [7 as unknown as string]])(
    'the namespace %j is refused',
    (namespace) => {
      expect(() => streamer.subscribe(namespace, () => {})).toThrow(
        expect.objectContaining({ code: 'invalid-option' }),
      )
    },
  )
})

describe('inside a run', () => {
  test('the event is on the run’s stream and on the span, and subscribers get it once', async () => {
    const got = follow('sales_agent')
    const agent = observe(
      () => streamer.emit('sales_agent', { type: 'decision_made', content: { action: 'buy' } }),
      { name: 'Decider' },
    )
    await observeRun({ name: 'Team' }, () => agent())

    const event = find(observing.events(), 'agent.event')
    expect(event).toMatchObject({
      name: 'decision_made',
      content: { action: 'buy' },
      namespace: 'sales_agent',
    })
    expect(got).toEqual([
      { type: 'decision_made', content: { action: 'buy' }, namespace: 'sales_agent', event },
    ])
    expect(observing.span('invoke_agent Decider').events.map(({ name }) => name)).toEqual([
      'decision_made',
    ])
    expect(observing.registry.list()[0]?.summary().namespaces).toContain('sales_agent')
  })

  test('subscribers get the spans’ events of their namespace too, from all runs', async () => {
    const sales = follow('sales_agent')
    const all = follow('*')
    const tool = observe((q: string) => `found ${q}`, { name: 'search', kind: 'tool' })
    const agent = observe((q: string) => tool(q), { name: 'Sales', namespace: 'sales_agent' })
    await observeRun({ name: 'One' }, () => agent('a'))
    await observeRun({ name: 'Two' }, () => agent('b'))

    expect(sales.map(({ type, content }) => [type, content])).toEqual([
      ['agent.start', 'a'],
      ['agent.tool.start', 'a'],
      ['agent.tool.end', 'found a'],
      ['agent.end', 'found a'],
      ['agent.start', 'b'],
      ['agent.tool.start', 'b'],
      ['agent.tool.end', 'found b'],
      ['agent.end', 'found b'],
    ])
    expect(new Set(sales.map(({ event }) => event?.randomId)).size).toBe(2)
    expect(types(all)).toHaveLength(12)
  })

  test('a subscriber that emits is heard in order, each event once', async () => {
    const answered: string[] = []
    stops.push(
      streamer.subscribe('a', ({ type }) => {
        answered.push(type)
        if (type === 'agent.start') {
          emit('plain', 1)
          streamer.emit('a', { type: 'echo', content: 1 })
        }
      }),
    )
    const later = follow('a')
    await observeRun({}, () => {
      const observer = observing.registry.list()[0]
      observer?.subscribe((event) => {
        if (event.type === 'agent.event' && event.name === 'echo') emit('reply', 1)
      })
      observe(() => streamer.emit('a', { type: 'own', content: 1 }), {
        name: 'A',
        namespace: 'a',
      })()
    })

    const expected = ['agent.start', 'echo', 'own', 'agent.end']
    expect(answered.filter((type) => expected.includes(type))).toEqual(expected)
    expect(later.map(({ type }) => type)).toEqual(answered)
    const seqs = later.map(({ event }) => event?.seq ?? 0)
    expect(seqs).toEqual([...seqs].sort((one, other) => one - other))
    expect(new Set(seqs).size).toBe(seqs.length)
    expect(told(observing.events()).filter((line) => line === 'agent.event echo')).toHaveLength(1)
  })

  test('whose observer is in no registry, subscribers get it all the same, once', () => {
    const got = follow('a')
    const observer = new AgentObserver({ randomId: 'run-00001' })

    withObservationContext({ randomId: 'run-00001', observer }, () =>
      streamer.emit('a', { type: 'x', content: 1 }),
    )

    expect(types(got)).toEqual(['x'])
    expect(told(observer.getEvents())).toEqual(['run.start a', 'agent.event x', 'run.end ok'])
  })

  test('that is over, subscribers get it all the same, once', async () => {
    const { randomId } = await observeRun({}, () => 1)
    const observer = observing.registry.get(randomId)
    if (observer === undefined) throw new Error('no run')
    const got = follow('a')

    withObservationContext({ randomId, observer }, () =>
      streamer.emit('a', { type: 'x', content: 1 }),
    )

    expect(types(got)).toEqual(['x'])
    expect(observer.summary().lateEvents).toBe(1)
  })

  test('a name of 128 characters in any script is a namespace', async () => {
    const namespace = 'ö'.repeat(128)
    const got = follow(namespace)

    await observeRun({ namespace }, () => streamer.emit(namespace, { type: 'x', content: 1 }))

    expect(types(got)).toEqual(['run.start', 'x', 'run.end'])
  })

  test('after the last one has left, the registry has no listener of ours', async () => {
    const stop = streamer.subscribe('a', () => {})
    stop()

    const { randomId } = await observeRun({}, () => streamer.emit('a', { type: 'x', content: 1 }))

    expect(told(observing.events(randomId))).toContain('agent.event x')
  })
})
