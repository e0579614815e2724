import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { SpancastError } from '../errors.ts'
import { told } from '../testing/telling.ts'
import type { AgentObserver } from './agent-observer.ts'
import { DEFAULT_RUN_LIMITS, type RunLimits, runLimits } from './limits.ts'
import { ObserverRegistry } from './observer-registry.ts'
import { RememberedIds } from './remembered-ids.ts'

const MIB = 1024 * 1024

beforeEach(() => {
  vi.useFakeTimers()
})
afterEach(() => {
  vi.useRealTimers()
})

function begin(observer: AgentObserver): AgentObserver {
  observer.emit({ type: 'run.start', name: observer.randomId })
  return observer
}

function finish(observer: AgentObserver): AgentObserver {
  begin(observer).life.finish({ status: 'ok', timestamp: Date.now() })
  return observer
}

function talk(observer: AgentObserver, bytes: number): void {
  const builder = {
    build: () => {
      throw new Error('nobody reads')
    },
  }
  observer.append('agent.event', builder, bytes, false, Date.now())
}

function ids(registry: ObserverRegistry): string[] {
  return registry.list().map(({ randomId }) => randomId)
}

describe('a registry', () => {
  test('creates, finds, lists and lets go', () => {
    const registry = new ObserverRegistry()

    const first = registry.create('run-00001')
    const second = registry.create()

    expect(registry.get('run-00001')).toBe(first)
    expect(registry.list()).toEqual([first, second])
    expect(registry.size).toBe(2)
    expect(registry.dispose('run-00001')).toBe(true)
    expect(registry.dispose('run-00001')).toBe(false)
    expect(registry.get('run-00001')).toBeUndefined()
    expect(registry.dispose()).toBe(true)
    expect(registry.size).toBe(0)
  })

  test('is one for the whole process by default', () => {
    expect(ObserverRegistry.getInstance()).toBe(ObserverRegistry.getInstance())
    expect((globalThis as Record<symbol, unknown>)[Symbol.for('spancast.registry.v1')]).toBe(
      ObserverRegistry.getInstance(),
    )
  })

  test('refuses the id of a running run', () => {
    const registry = new ObserverRegistry()
    begin(registry.create('run-00001'))

    expect(() => registry.create('run-00001')).toThrow(
      expect.objectContaining({
        code: 'run-exists',
        message: expect.stringContaining('run-00001'),
      }),
    )
    expect(registry.size).toBe(1)
  })

  test('begins a new epoch, from 1, for the id of an ended run', () => {
    const registry = new ObserverRegistry()
    const ended = finish(registry.create('run-00001'))

    const anew = begin(registry.create('run-00001'))

    expect(anew.epoch).not.toBe(ended.epoch)
    expect(anew.lastSeq).toBe(1)
    expect(ended.disposed).toBe(true)
    expect(registry.wasDisposed('run-00001')).toBe(false)
    vi.advanceTimersByTime(5 * 60_000 + 1)
    expect(registry.get('run-00001')).toBe(anew)
  })

  test('refuses an id that cannot name a run, and keeps the run that is there', () => {
    const registry = new ObserverRegistry()

    expect(() => registry.create('no')).toThrow(
      expect.objectContaining({ code: 'invalid-random-id' }),
    )
    expect(registry.size).toBe(0)
  })

  test('remembers the last 100,000 runs that it let go', () => {
    const registry = new ObserverRegistry()

    for (let at = 0; at <= 100_000; at++) registry.create(`run-${at + 1000}`).dispose()

    expect(registry.wasDisposed('run-1000')).toBe(false)
    expect(registry.wasDisposed('run-1001')).toBe(true)
    expect(registry.wasDisposed('run-101000')).toBe(true)
    expect(registry.wasDisposed('run-never')).toBe(false)
  })

  test('an id that came back counts from its last end', () => {
    const remembered = new RememberedIds(3)

    for (const id of ['a', 'b', 'a', 'c', 'd']) remembered.add(id)

    expect(['a', 'b', 'c', 'd'].filter((id) => remembered.has(id))).toEqual(['a', 'c', 'd'])
  })
})

describe('a finished run', () => {
  test('is kept for five minutes', () => {
    const registry = new ObserverRegistry()
    const observer = finish(registry.create('run-00001'))

    vi.advanceTimersByTime(5 * 60_000 - 1)
    expect(registry.get('run-00001')).toBe(observer)
    expect(told(observer.getEvents())).toEqual(['run.start run-00001', 'run.end ok'])

    vi.advanceTimersByTime(1)
    expect(registry.get('run-00001')).toBeUndefined()
    expect(registry.wasDisposed('run-00001')).toBe(true)
    expect(registry.bytes).toBe(0)
    expect(vi.getTimerCount()).toBe(0)
  })

  test('goes when its own time is over, whoever ended before or after', () => {
    const registry = new ObserverRegistry({ retentionMs: 1000 })
    finish(registry.create('run-00001'))
    vi.advanceTimersByTime(600)
    finish(registry.create('run-00002'))
    begin(registry.create('run-00003'))

    vi.advanceTimersByTime(400)
    expect(ids(registry)).toEqual(['run-00002', 'run-00003'])
    vi.advanceTimersByTime(600)
    expect(ids(registry)).toEqual(['run-00003'])
  })
})

describe('one run too many', () => {
  test('lets the longest silent go, whatever was heard of whom meanwhile', () => {
    const steps = fc.array(fc.nat(9), { maxLength: 60 })
    fc.assert(
      fc.property(steps, (heard) => {
        vi.setSystemTime(1_000_000)
        const registry = new ObserverRegistry({ maxRuns: 4 })
        let silence: string[] = []
        for (const [at, step] of heard.entries()) {
          vi.setSystemTime(1_000_000 + at)
          const known = silence[step]
          // Another one begins, or one that is there is heard of.
          const randomId = known ?? `run-${String(at).padStart(5, '0')}`
          if (known === undefined) begin(registry.create(randomId))
          else registry.get(known)?.emit({ type: 'agent.event', name: 'x', content: 1 })
          silence = [...silence.filter((id) => id !== randomId), randomId].slice(-4)
        }

        expect(
          registry
            .list()
            .map(({ randomId }) => randomId)
            .sort(),
        ).toEqual(silence.sort())
        registry.dispose()
      }),
    )
  })

  test('finds a run by its other names for as long as it is there', () => {
    const registry = new ObserverRegistry()
    const [one, two] = [registry.create('run-00001'), registry.create('run-00002')]
    for (const alias of ['alias-00001', 'alias-00002']) registry.alias(alias, one)
    registry.alias('alias-00002', two)

    registry.dispose('run-00001')

    expect(registry.get('alias-00001')).toBeUndefined()
    expect(registry.get('alias-00002')).toBe(two)
  })

  test('lets the oldest finished go, then the longest silent as abandoned', () => {
    const registry = new ObserverRegistry({ maxRuns: 3 })
    const silent = begin(registry.create('run-silent'))
    vi.advanceTimersByTime(10)
    begin(registry.create('run-lively'))
    const heard: string[] = []
    silent.subscribe(({ type, ...rest }) =>
      heard.push(`${type} ${'status' in rest && rest.status}`),
    )
    finish(registry.create('run-finished'))
    vi.advanceTimersByTime(10)

    registry.create('run-00004')
    expect(ids(registry)).toEqual(['run-silent', 'run-lively', 'run-00004'])

    begin(registry.create('run-00005'))
    expect(ids(registry)).not.toContain('run-silent')
    expect(heard).toEqual(['run.end abandoned'])
    expect(registry.size).toBe(3)
  })

  test('never costs the one that is being created', () => {
    const registry = new ObserverRegistry({ maxRuns: 1 })
    begin(registry.create('run-00001'))

    begin(registry.create('run-00002'))

    expect(ids(registry)).toEqual(['run-00002'])
  })

  test('is the 10,001st by default', () => {
    const registry = new ObserverRegistry()
    for (let at = 0; at < 10_000; at++) finish(registry.create(`run-${at + 100_000}`))
    expect(registry.size).toBe(10_000)

    registry.create()

    expect(registry.size).toBe(10_000)
    expect(registry.get('run-100000')).toBeUndefined()
    expect(registry.get('run-100001')).toBeDefined()
  })
})

describe('bytes', () => {
  test('of one run are bounded: the oldest events go, the newest stays', () => {
    const registry = new ObserverRegistry({ maxRunBytes: 10_000 })
    const observer = begin(registry.create())

    for (let at = 0; at < 100; at++) talk(observer, 600)
    talk(observer, 50_000)

    expect(observer.countEntries(1, observer.lastSeq)).toBe(1)
    expect(observer.gapAfter(0)).toEqual({ from: 1, to: observer.lastSeq - 1 })
    expect(registry.bytes).toBe(observer.bytes)
  })

  test('of all runs are bounded: as many runs go as must, finished ones first', () => {
    const registry = new ObserverRegistry({ maxTotalBytes: 100_000 })
    for (const id of ['run-00001', 'run-00002', 'run-00003', 'run-00004']) {
      talk(begin(registry.create(id)), 20_000)
      vi.advanceTimersByTime(10)
    }
    registry.get('run-00003')?.life.finish({ status: 'ok', timestamp: Date.now() })

    talk(begin(registry.create('run-00005')), 30_000)
    expect(ids(registry)).toEqual(['run-00001', 'run-00002', 'run-00004', 'run-00005'])

    talk(begin(registry.create('run-00006')), 10_000)
    expect(ids(registry)).toEqual(['run-00002', 'run-00004', 'run-00005', 'run-00006'])
    expect(registry.bytes).toBeLessThanOrEqual(100_000)
  })

  test('are given back when runs go', () => {
    const registry = new ObserverRegistry()
    for (let at = 0; at < 10; at++) talk(begin(registry.create()), 1000)

    registry.dispose()

    expect(registry.bytes).toBe(0)
  })
})

describe('silence', () => {
  test('of runIdleMs abandons the silent run alone', () => {
    const registry = new ObserverRegistry({ runIdleMs: 1000 })
    const silent = begin(registry.create('run-silent'))
    const lively = begin(registry.create('run-lively'))

    for (let at = 0; at < 4; at++) {
      vi.advanceTimersByTime(300)
      lively.emit({ type: 'agent.event', name: 'tick', content: at })
    }

    expect(silent.summary().status).toBe('abandoned')
    expect(lively.summary().status).toBe('running')
  })

  test('does not end a run in which something is open, before maxRunMs', () => {
    const registry = new ObserverRegistry({ runIdleMs: 1000, maxRunMs: 5000 })
    const observer = begin(registry.create())
    observer.life.hold()

    vi.advanceTimersByTime(4900)
    expect(observer.ended).toBe(false)
    vi.advanceTimersByTime(300)

    expect(observer.summary().status).toBe('abandoned')
  })
})

describe('whoever follows all runs', () => {
  test('hears of their beginnings, events in order, and ends', () => {
    const registry = new ObserverRegistry()
    const heard: string[] = []
    const stop = registry.listen({
      created: ({ randomId }) => heard.push(`created ${randomId}`),
      appended: ({ randomId }, { seq, type }) => heard.push(`${randomId} ${seq} ${type}`),
      disposed: ({ randomId }) => heard.push(`disposed ${randomId}`),
    })

    finish(registry.create('run-00001')).dispose()
    stop()
    registry.create('run-00002')

    expect(heard).toEqual([
      'created run-00001',
      'run-00001 1 run.start',
      'run-00001 2 run.end',
      'disposed run-00001',
    ])
  })

  test('and emits in its call turns the order around for nobody', () => {
    const registry = new ObserverRegistry()
    const all: number[] = []
    const one: number[] = []
    registry.listen({
      appended: (observer, { type }) => {
        if (type === 'run.start') observer.emit({ type: 'agent.event', name: 'hello', content: 1 })
      },
    })
    registry.listen({ appended: (_, { seq }) => all.push(seq) })
    const observer = registry.create()
    observer.subscribe(({ seq }) => one.push(seq))

    finish(observer)

    expect(all).toEqual([1, 2, 3])
    expect(one).toEqual([1, 2, 3])
  })

  test('may throw', () => {
    const registry = new ObserverRegistry()
    const boom = () => {
      throw new Error('mine')
    }
    registry.listen({ created: boom, appended: boom, disposed: boom })

    finish(registry.create('run-00001')).dispose()

    expect(registry.wasDisposed('run-00001')).toBe(true)
  })
})

describe('limits', () => {
  test('are by default those that are published', () => {
    expect(runLimits()).toEqual({
      maxEvents: 1000,
      maxChunks: 1000,
      maxRunBytes: 16 * MIB,
      maxTotalBytes: 512 * MIB,
      maxRuns: 10_000,
      retentionMs: 5 * 60_000,
      runIdleMs: 2 * 60_000,
      runGraceMs: 10_000,
      maxRunMs: 24 * 3_600_000,
    })
  })

  test.each(Object.keys(DEFAULT_RUN_LIMITS))(
    '%s is refused unless it is a whole number from 1 up',
    (name) => {
      for (const wrong of [0, -1, 1.5, Number.NaN, Number.POSITIVE_INFINITY, '10', null]) {
        expect(() => new ObserverRegistry({ [name]: wrong } as Partial<RunLimits>)).toThrow(
          new SpancastError(
            'invalid-option',
            `Expected \`${name}\` to be a whole number from 1 up, got ${String(wrong)}.`,
          ),
        )
      }
      expect(new ObserverRegistry({ [name]: 1 }).limits).toHaveProperty(name, 1)
    },
  )

  test('an unknown one is refused, with the known ones named', () => {
    expect(() => new ObserverRegistry({ maxEvent: 5 } as Partial<RunLimits>)).toThrow(
      /Expected a limit of maxEvents, .*, got `maxEvent`/,
    )
  })

  test('can be set until there are runs, not later', () => {
    const registry = new ObserverRegistry()
    registry.setLimits({ maxEvents: 2 })
    const observer = begin(registry.create())
    for (let at = 0; at < 5; at++) talk(observer, 1)

    expect(observer.countEntries(1, 99)).toBe(2)
    expect(() => registry.setLimits({ maxEvents: 3 })).toThrow(
      /before the first run, got them with 1 runs/,
    )
  })
})
