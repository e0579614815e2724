import { setTimeout as sleep } from 'node:timers/promises'
import { context, trace } from '@opentelemetry/api'
import { AlwaysOffSampler } from '@opentelemetry/sdk-trace-node'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { configure } from '../context/content-rules.ts'
import { getObservationContext, withObservationContext } from '../context/observation-context.ts'
import { liveSampler } from '../setup/live-sampler.ts'
import { type Observing, startObserving } from '../testing/observing.ts'
import { find, told, tree } from '../testing/telling.ts'
import { emit } from './emit.ts'
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

const work = observe((value: unknown) => value, { name: 'Work' })

describe('a run', () => {
  test('gives its id and what the function returned, and tells its start, its input, its output, its end', async () => {
    const { randomId, result } = await observeRun(
      { name: 'Team', input: { q: 'why' } },
      async (run) => ({ answer: 42, id: run.randomId }),
    )

    expect(result).toEqual({ answer: 42, id: randomId })
    expect(randomId).toMatch(/^[0-9a-f]{32}$/)
    const events = observing.events(randomId)
    expect(events).toMatchObject([
      { type: 'run.start', name: 'Team', input: { q: 'why' }, seq: 1, randomId },
      { type: 'run.end', status: 'ok', output: { answer: 42 }, seq: 2, cost: 0 },
    ])
    expect(events[1]?.spanId).toBe(events[0]?.spanId)
  })

  test('is a workflow span with what was said of it', async () => {
    await observeRun(
      {
        name: 'Team',
        randomId: 'run-00001',
        conversationId: 'c-1',
        userId: 'u-1',
        tags: ['a', 'b'],
        namespace: 'sales',
        attributes: { 'app.tier': 'gold' },
      },
      () => 1,
    )

    expect(observing.span('invoke_workflow Team').attributes).toEqual({
      'gen_ai.operation.name': 'invoke_workflow',
      'gen_ai.workflow.name': 'Team',
      'gen_ai.conversation.id': 'c-1',
      'user.id': 'u-1',
      'app.tier': 'gold',
      'spancast.namespace': 'sales',
      'spancast.run.id': 'run-00001',
      'spancast.run.name': 'Team',
      'spancast.run.root': true,
      'spancast.run.tags': ['a', 'b'],
    })
  })

  test('rethrows the same error and ends with it', async () => {
    const error = new RangeError('too far')

    await expect(
      observeRun({ randomId: 'run-00001' }, () => {
        throw error
      }),
    ).rejects.toBe(error)

    expect(find(observing.events('run-00001'), 'run.end')).toMatchObject({
      status: 'error',
      error: { type: 'RangeError', message: 'too far' },
    })
  })

  test.each([['short'], ['no spaces please'], ['x'.repeat(129)]])(
    'refuses the id %s before anything runs',
    async (randomId) => {
      const fn = vi.fn()

      await expect(observeRun({ randomId }, fn)).rejects.toMatchObject({
        code: 'invalid-random-id',
      })
      await expect(observeRun({ namespace: '*' }, fn)).rejects.toMatchObject({
        code: 'invalid-option',
      })

      expect(fn).not.toHaveBeenCalled()
      expect(observing.registry.size).toBe(0)
    },
  )

  test('has its context everywhere below it, across awaits, and not outside', async () => {
    const { randomId } = await observeRun({}, async (run) => {
      await sleep(0)
      expect(getObservationContext()?.randomId).toBe(run.randomId)
    })

    expect(getObservationContext()).toBeUndefined()
    expect(observing.registry.get(randomId)?.summary()).toMatchObject({ status: 'ok' })
  })

  test('stays open until a stream that it returned is consumed', async () => {
    const { randomId, result } = await observeRun({}, async function* () {
      work(1)
      yield 'a'
      yield 'b'
    })
    const observer = observing.registry.get(randomId)
    expect(observer?.ended).toBe(false)

    const got: string[] = []
    for await (const piece of result) got.push(piece)

    expect(got).toEqual(['a', 'b'])
    expect(observer?.ended).toBe(true)
    expect(told(observing.events(randomId))).toEqual([
      'run.start run',
      'agent.start Work',
      'agent.end Work',
      'agent.chunk a',
      'agent.chunk b',
      'run.end ok',
    ])
  })
})

describe('a run that is cancelled', () => {
  test('hears it from its signal and ends as cancelled when it then fails', async () => {
    const cancel = new AbortController()
    const run = observeRun({ signal: cancel.signal, randomId: 'run-00001' }, async ({ signal }) => {
      cancel.abort(new Error('enough'))
      signal.throwIfAborted()
    })

    await expect(run).rejects.toThrow('enough')

    expect(find(observing.events('run-00001'), 'run.end').status).toBe('cancelled')
  })

  test('but comes to its result all the same is ok', async () => {
    const cancel = new AbortController()

    const { randomId } = await observeRun({ signal: cancel.signal }, () => {
      cancel.abort()
      return 1
    })

    expect(find(observing.events(randomId), 'run.end').status).toBe('ok')
  })

  test('while its stream is consumed ends as cancelled too', async () => {
    const cancel = new AbortController()
    const { randomId, result } = await observeRun(
      { signal: cancel.signal },
      async function* ({ signal }) {
        yield 'a'
        signal.throwIfAborted()
        yield 'b'
      },
    )

    await expect(
      (async () => {
        for await (const _ of result) cancel.abort(new Error('enough'))
      })(),
    ).rejects.toThrow('enough')

    expect(find(observing.events(randomId), 'run.end').status).toBe('cancelled')
  })

  test('has a signal that never fires where none was given', async () => {
    await observeRun({}, ({ signal }) => expect(signal.aborted).toBe(false))
  })
})

describe('a run inside a run', () => {
  test('joins it as a workflow', async () => {
    const { randomId } = await observeRun({ name: 'Outer' }, async () => {
      const inner = await observeRun({ name: 'Inner' }, () => work(1))
      return inner.randomId
    })

    expect(observing.registry.size).toBe(1)
    const events = observing.events(randomId)
    expect(tree(events)).toEqual(['Outer', 'Inner < Outer', 'Work < Inner'])
    expect(find(events, 'agent.start', 'Inner').nodeKind).toBe('workflow')
    expect(events.filter(({ type }) => type.startsWith('run.'))).toHaveLength(2)
  })

  test('is a run of its own if that is asked for, or if it names another one', async () => {
    await observeRun({ name: 'Outer', randomId: 'run-outer' }, async () => {
      await observeRun({ name: 'Inner', newRun: true }, () => work(1))
      await observeRun({ name: 'Other', randomId: 'run-other' }, () => work(2))
    })

    expect(observing.registry.list().map((run) => run.summary().name)).toEqual([
      'Outer',
      'Inner',
      'Other',
    ])
    expect(told(observing.events('run-outer'))).toEqual(['run.start Outer', 'run.end ok'])
    expect(tree(observing.events('run-other'))).toEqual(['Other', 'Work < Other'])
  })
})

describe('a run’s id that is taken', () => {
  test('joins the run while it is going', async () => {
    let finish = () => {}
    const going = new Promise<void>((resolve) => {
      finish = resolve
    })
    const first = observeRun({ name: 'First', randomId: 'run-00001' }, () => going)
    await observeRun({ name: 'Second', randomId: 'run-00001' }, () => work(1))
    finish()
    await first

    expect(observing.registry.size).toBe(1)
    expect(told(observing.events())).toEqual([
      'run.start First',
      'agent.start Second',
      'agent.start Work',
      'agent.end Work',
      'agent.end Second',
      'run.end ok',
    ])
    expect(observing.registry.list()[0]?.summary().traceIds).toHaveLength(2)
  })

  test('begins a new epoch once it is over', async () => {
    await observeRun({ name: 'First', randomId: 'run-00001' }, () => 1)
    const epoch = observing.registry.get('run-00001')?.epoch
    await observeRun({ name: 'Second', randomId: 'run-00001' }, () => 1)

    expect(told(observing.events('run-00001'))).toEqual(['run.start Second', 'run.end ok'])
    expect(observing.registry.get('run-00001')?.epoch).not.toBe(epoch)
  })
})

describe('withObservationContext', () => {
  test('starts the run with the first event and holds it open until its function has settled', async () => {
    const observer = observing.registry.create('run-00001')
    const result = await withObservationContext({ randomId: 'run-00001', observer }, async () => {
      expect(observer.lastSeq).toBe(0)
      work(1)
      await sleep(0)
      expect(observer.ended).toBe(false)
      work(2)
      return 'done'
    })

    expect(result).toBe('done')
    expect(told(observer.getEvents())).toEqual([
      'run.start Work',
      'agent.start Work',
      'agent.end Work',
      'agent.start Work',
      'agent.end Work',
      'run.end ok',
    ])
  })

  test('passes a synchronous result and error through', () => {
    const observer = observing.registry.create('run-00001')
    const at = { randomId: 'run-00001', observer }
    const error = new TypeError('sync')

    expect(withObservationContext(at, () => 7)).toBe(7)
    expect(observer.lastSeq).toBe(0)
    expect(() =>
      withObservationContext(at, () => {
        emit('note', 1)
        throw error
      }),
    ).toThrow(error)

    expect(find(observer.getEvents(), 'run.end')).toMatchObject({
      status: 'error',
      error: { type: 'TypeError', message: 'sync' },
    })
  })

  test('shows what its function failed with by the rules of the live stream', async () => {
    configure({
      redact: (value) => (typeof value === 'string' ? value.replace(/\d/g, '#') : value),
    })
    const observer = observing.registry.create('run-00001')

    await expect(
      withObservationContext({ randomId: 'run-00001', observer }, async () => {
        emit('note', 1)
        throw new Error('card 4711')
      }),
    ).rejects.toThrow('card 4711')

    expect(JSON.stringify(observer.getEvents())).not.toContain('4711')
    expect(find(observer.getEvents(), 'run.end').error).toMatchObject({ message: 'card ####' })
  })

  test('takes a failure without a reason for a failure', async () => {
    const observer = observing.registry.create('run-00001')

    await withObservationContext({ randomId: 'run-00001', observer }, async () => {
      emit('note', 1)
      throw undefined
    }).catch(() => {})

    expect(find(observer.getEvents(), 'run.end').status).toBe('error')
  })

  test('a rejection that nobody handles stays unhandled', async () => {
    const observer = observing.registry.create('run-00001')
    const seen = new Promise((resolve) => {
      const others = process.listeners('unhandledRejection')
      process.removeAllListeners('unhandledRejection')
      process.once('unhandledRejection', (reason) => {
        for (const other of others) process.on('unhandledRejection', other)
        resolve(reason)
      })
    })

    void withObservationContext({ randomId: 'run-00001', observer }, async () => {
      throw new Error('nobody cares')
    })

    await expect(seen).resolves.toMatchObject({ message: 'nobody cares' })
  })

  test('around observeRun leaves the run to that one’s name, and ends after both', async () => {
    const observer = observing.registry.create('run-00001')

    await withObservationContext({ randomId: 'run-00001', observer }, async () => {
      await observeRun({ name: 'Team' }, () => work(1))
      expect(observer.ended).toBe(false)
      work(2)
    })

    expect(tree(observer.getEvents())).toEqual(['Team', 'Work < Team', 'Work'])
    expect(told(observer.getEvents()).at(-1)).toBe('run.end ok')
  })
})

describe('sampling', () => {
  test('liveSampler keeps runs live that the sampler drops, and exports none of them', async () => {
    observing.stop()
    observing = startObserving({ sampler: liveSampler(new AlwaysOffSampler()) })

    const { randomId } = await observeRun({ name: 'Team' }, () =>
      observing.foreign.startActiveSpan('db', (span) => {
        work(1)
        span.end()
      }),
    )
    observe(() => 1, { name: 'Alone' })()

    expect(tree(observing.events(randomId))).toEqual(['Team', 'Work < Team'])
    expect(told(observing.events())).toHaveLength(4)
    expect(observing.spans()).toEqual([])
  })

  test('it records nothing outside runs', () => {
    observing.stop()
    observing = startObserving({ sampler: liveSampler(new AlwaysOffSampler()) })

    const span = observing.foreign.startSpan('GET /')

    expect(span.isRecording()).toBe(false)
  })

  test('a run whose span is dropped without it still holds what is emitted', async () => {
    observing.stop()
    observing = startObserving({ sampler: new AlwaysOffSampler() })

    const { randomId } = await observeRun({ randomId: 'run-00001' }, async () => {
      emit('note', 1)
      await sleep(0)
      emit('note', 2)
    })
    await observeRun({ randomId: 'run-00002' }, () => work(1))

    expect(told(observing.events(randomId))).toEqual([
      'run.start run',
      'agent.event note',
      'agent.event note',
      'run.end ok',
    ])
    expect(observing.registry.get('run-00002')).toBeUndefined()
  })
})

describe('when no processor records', () => {
  test('nothing is left in the registry, and the function runs once', async () => {
    observing.stop()
    observing = startObserving({ recording: false })
    const { ObserverRegistry } = await import('../observer/observer-registry.ts')
    const before = ObserverRegistry.getInstance().size
    const fn = vi.fn(() => work(3))

    const { result } = await observeRun({}, fn)

    expect(result).toBe(3)
    expect(fn).toHaveBeenCalledTimes(1)
    expect(ObserverRegistry.getInstance().size).toBe(before)
    expect(observing.spans()).toHaveLength(2)
  })

  test('an observer that the caller brought is not disposed of', async () => {
    observing.stop()
    observing = startObserving({ recording: false })
    const observer = observing.registry.create('run-00001')

    await withObservationContext({ randomId: 'run-00001', observer }, async () => {
      await observeRun({}, () => 1)
      emit('note', 1)
    })

    expect(told(observer.getEvents())).toEqual(['run.start run', 'agent.event note', 'run.end ok'])
  })

  test('and starting a span fails, nothing is left either', async () => {
    observing.stop()
    observing = startObserving()
    trace.disable()
    trace.setGlobalTracerProvider({
      getTracer: () => ({
        startSpan() {
          throw new Error('telemetry')
        },
        startActiveSpan() {
          throw new Error('telemetry')
        },
      }),
    })

    const { result } = await observeRun({}, () => work(3))

    expect(result).toBe(3)
    expect(observing.registry.size).toBe(0)
  })

  test('without a provider at all the function just runs', async () => {
    trace.disable()
    context.disable()

    const { randomId, result } = await observeRun({ randomId: 'run-00001' }, () => work(3))

    expect([randomId, result]).toEqual(['run-00001', 3])
    expect(observing.registry.size).toBe(0)
  })
})
