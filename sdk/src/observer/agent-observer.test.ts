import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import type { AgentEvent } from '../event/agent-event.ts'
import { told } from '../testing/telling.ts'
import { AgentObserver } from './agent-observer.ts'
import type { AgentEventInput } from './event-input.ts'

const TOTALS = {
  tokenUsage: { inputTokens: 1, outputTokens: 2, totalTokens: 3 },
  cost: 0.5,
  unpricedCalls: 0,
  unmeteredCalls: 0,
}

function event(name: string): AgentEventInput {
  return { type: 'agent.event', name, content: null }
}

function seqs(events: readonly AgentEvent[]): number[] {
  return events.map(({ seq }) => seq)
}

describe('a run', () => {
  test('begins with run.start and is over with run.end, whatever else is emitted', () => {
    const observer = new AgentObserver({ randomId: 'run-00001' })

    observer.emit(event('a'))
    observer.emit({ type: 'run.end', status: 'ok', duration: 3, ...TOTALS })
    observer.emit(event('late'))
    observer.emit({ type: 'run.start', name: 'again' })

    expect(told(observer.getEvents())).toEqual(['run.start run', 'agent.event a', 'run.end ok'])
    expect(seqs(observer.getEvents())).toEqual([1, 2, 3])
    expect(observer.summary()).toMatchObject({ status: 'ok', lateEvents: 1, lastSeq: 3 })
  })

  test('has the name and the input that its own start gives', () => {
    const observer = new AgentObserver()

    observer.emit({ type: 'run.start', name: 'Team', input: { q: 'why' }, namespace: 'sales' })

    expect(observer.getEvents()).toMatchObject([
      { type: 'run.start', name: 'Team', input: { q: 'why' }, namespace: 'sales', seq: 1 },
    ])
    expect(observer.summary()).toMatchObject({ name: 'Team', namespaces: ['sales'] })
  })

  test('ends with the totals, output and error of the run.end that it is given', () => {
    const observer = new AgentObserver()
    const output: { password: string; self?: unknown; later?: number } = { password: 'hunter2' }
    output.self = output

    observer.emit({
      type: 'run.end',
      status: 'error',
      duration: 7,
      ...TOTALS,
      output,
      error: { type: 'Error', message: `x${'y'.repeat(9000)}` },
    })
    output.later = 1

    const [, end] = observer.getEvents()
    expect(end).toMatchObject({ status: 'error', duration: 7, ...TOTALS })
    expect(JSON.stringify(end)).not.toContain('hunter2')
    expect(end).toMatchObject({ output: { self: '[circular]' } })
    expect(end).not.toHaveProperty('output.later')
    expect(Buffer.byteLength((end as { error: { message: string } }).error.message)).toBe(4096)
    expect(observer.summary()).toMatchObject({ status: 'error', ...TOTALS })
  })

  test('whose times are long past is not silent when it begins', () => {
    vi.useFakeTimers()
    const observer = new AgentObserver()

    observer.emit({ ...event('old'), timestamp: 1_234_567_890 })
    vi.advanceTimersByTime(60_000)

    expect(observer.ended).toBe(false)
    expect(observer.getEvents()[1]?.timestamp).toBe(1_234_567_890)
    vi.useRealTimers()
  })

  test('gets an id, or refuses one that cannot name it', () => {
    expect(new AgentObserver().randomId).toMatch(/^[0-9a-f]{32}$/)
    expect(new AgentObserver({ randomId: 'A-z_0-9-' }).randomId).toBe('A-z_0-9-')
    for (const randomId of ['short12', 'a'.repeat(129), 'with space', 'söndertz', '../../etc']) {
      expect(() => new AgentObserver({ randomId })).toThrow(/8 to 128 of A-Z a-z 0-9 _ -/)
    }
  })

  test('refuses what is no event, and says what one is', () => {
    const observer = new AgentObserver()

    for (const wrong of [undefined, null, 1, 'agent.start', {}, { type: 'agent.begin' }]) {
      expect(() => observer.emit(wrong as unknown as AgentEventInput)).toThrow(
        expect.objectContaining({ name: 'SpancastError', code: 'invalid-event' }),
      )
    }
    expect(observer.lastSeq).toBe(0)
  })
})

describe('content of an emitted event', () => {
  test('is a snapshot, JSON-safe, without credentials and within its cap', () => {
    const observer = new AgentObserver()
    const content = { big: 'x'.repeat(40_000), api_key: 'k', n: 5n, list: [1] }

    observer.emit({ type: 'agent.event', name: 'e', content })
    content.list.push(2)

    const got = observer.getEvents()[1]
    expect(got).toMatchObject({ content: { api_key: '[redacted]', n: '5n', list: [1] } })
    expect(got?.truncated).toEqual(['/content/big'])
    expect(JSON.stringify(got).length).toBeLessThan(33_500)
  })

  test('an error has the caps of an error', () => {
    const observer = new AgentObserver()

    observer.emit({
      type: 'agent.error',
      nodeName: 'a',
      duration: 1,
      ...TOTALS,
      error: { type: 'T'.repeat(300), message: 'm'.repeat(5000), stack: 's'.repeat(9000) },
    })

    const { error } = observer.getEvents()[1] as { error: Record<string, string> } & AgentEvent
    expect(Object.values(error).map((text) => Buffer.byteLength(text))).toEqual([256, 4096, 8192])
  })
})

describe('a subscriber', () => {
  let observer: AgentObserver
  beforeEach(() => {
    observer = new AgentObserver()
  })

  test('gets each event as it happens, until it unsubscribes, which may be done twice', () => {
    const got: AgentEvent[] = []

    const stop = observer.subscribe((one) => got.push(one))
    observer.emit(event('a'))
    stop()
    stop()
    observer.emit(event('b'))

    expect(told(got)).toEqual(['run.start run', 'agent.event a'])
  })

  test('that throws harms neither the caller nor the others', () => {
    const got: AgentEvent[] = []
    observer.subscribe(() => {
      throw new Error('mine')
    })
    observer.subscribe((one) => got.push(one))

    observer.emit(event('a'))

    expect(seqs(got)).toEqual([1, 2])
  })

  test('that emits does not turn the order around for anyone', () => {
    const first: number[] = []
    const second: number[] = []
    observer.subscribe((one) => {
      first.push(one.seq)
      if (one.type === 'agent.event' && one.name === 'a') observer.emit(event('answer'))
    })
    observer.subscribe(({ seq }) => second.push(seq))

    observer.emit(event('a'))
    observer.emit(event('b'))

    expect(first).toEqual([1, 2, 3, 4])
    expect(second).toEqual([1, 2, 3, 4])
  })

  test('that is unsubscribed by another one hears no more, not even of this event', () => {
    const got: AgentEvent[] = []
    let stop = () => {}
    observer.subscribe(() => stop())
    stop = observer.subscribe((one) => got.push(one))

    observer.emit(event('a'))

    expect(got).toEqual([])
  })

  test('that unsubscribes in its own call leaves the others in place', () => {
    const got: number[] = []
    const stop = observer.subscribe(() => stop())
    observer.subscribe(({ seq }) => got.push(seq))

    observer.emit(event('a'))

    expect(got).toEqual([1, 2])
  })

  test('that joins within another one’s call gets what it read before and what comes after, once', () => {
    let joined = false
    const got: number[] = []
    observer.subscribe((one) => {
      if (one.seq !== 2 || joined) return
      joined = true
      observer.emit(event('in between'))
      got.push(...seqs(observer.getEvents()))
      observer.subscribe(({ seq }) => got.push(seq))
    })

    observer.emit(event('a'))
    observer.emit(event('b'))

    expect(got).toEqual([1, 2, 3, 4])
  })

  test('hears of run.end when the run is disposed of, then nothing', () => {
    const got: AgentEvent[] = []
    observer.subscribe((one) => got.push(one))
    observer.emit(event('a'))

    observer.dispose()
    observer.dispose()
    observer.emit(event('b'))

    expect(told(got)).toEqual(['run.start run', 'agent.event a', 'run.end abandoned'])
    expect(observer.getEvents()).toEqual([])
    expect(observer.bytes).toBe(0)
    expect(observer.disposed).toBe(true)
  })

  test('that follows entries is told of the end of the buffer once', () => {
    const calls: string[] = []
    observer.listen({
      appended: ({ type }) => calls.push(type),
      disposed: () => calls.push('disposed'),
    })
    observer.emit(event('a'))

    observer.dispose()
    observer.dispose()

    expect(calls).toEqual(['run.start', 'agent.event', 'run.end', 'disposed'])
  })
})

describe('readers that come and go', () => {
  interface Reader {
    /** Highest `seq` that it has, or has been told is gone. */
    at: number
    got: number[]
    gaps: { from: number; to: number }[]
    stop: () => void
  }

  /** Reads on from where the reader was, then follows: in one synchronous step. */
  function resume(observer: AgentObserver, reader: Reader): void {
    const gap = observer.gapAfter(reader.at)
    if (gap !== undefined) reader.gaps.push(gap)
    for (const { seq } of observer.getEvents(reader.at)) reader.got.push(seq)
    reader.at = observer.lastSeq
    reader.stop = observer.subscribe(({ seq }) => {
      reader.got.push(seq)
      reader.at = seq
    })
  }

  const steps = fc.array(
    fc.oneof(
      { weight: 5, arbitrary: fc.record({ do: fc.constant('emit' as const), talk: fc.boolean() }) },
      { weight: 1, arbitrary: fc.record({ do: fc.constant('join' as const) }) },
      {
        weight: 2,
        arbitrary: fc.record({
          do: fc.constantFrom('leave' as const, 'resume' as const),
          who: fc.nat(9),
        }),
      },
    ),
    { maxLength: 80 },
  )

  test('have each event once and in order, or were told of the gap that it is in', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 8 }),
        fc.integer({ min: 1, max: 8 }),
        steps,
        (maxEvents, maxChunks, script) => {
          const observer = new AgentObserver({ limits: { maxEvents, maxChunks } })
          const readers: Reader[] = []
          const away = new Set<Reader>()
          for (const step of script) {
            if (step.do === 'emit') {
              observer.emit(
                step.talk
                  ? { type: 'agent.chunk', index: 0, delta: 'x', kind: 'text' }
                  : event('structure'),
              )
            } else if (step.do === 'join') {
              const reader: Reader = { at: 0, got: [], gaps: [], stop: () => {} }
              readers.push(reader)
              resume(observer, reader)
            } else {
              const reader = readers[step.who % Math.max(1, readers.length)]
              if (reader === undefined) continue
              if (step.do === 'leave' && !away.has(reader)) {
                reader.stop()
                away.add(reader)
              } else if (step.do === 'resume' && away.delete(reader)) resume(observer, reader)
            }
          }
          for (const reader of away) resume(observer, reader)

          for (const { got, gaps } of readers) {
            expect(got).toEqual([...new Set(got)].sort((a, b) => a - b))
            for (let seq = 1; seq <= observer.lastSeq; seq++) {
              const announced = gaps.some(({ from, to }) => from <= seq && seq <= to)
              expect(got.includes(seq) || announced).toBe(true)
            }
            // A gap is no empty talk: its first and last events are really missing.
            for (const { from, to } of gaps) {
              expect(got).not.toContain(from)
              expect(got).not.toContain(to)
            }
          }
        },
      ),
      { numRuns: 200 },
    )
  })
})

describe('what talks', () => {
  test('a 1,500-chunk answer pushes out chunks, and nothing of the tree', () => {
    const observer = new AgentObserver()
    observer.emit({
      type: 'agent.start',
      nodeName: 'Writer',
      nodeKind: 'agent',
      spanId: 'a'.repeat(16),
    })
    observer.emit({ type: 'agent.tool.start', toolName: 'search', args: { q: 1 } })

    for (let index = 0; index < 1500; index++) {
      observer.emit({ type: 'agent.chunk', index, delta: 'x', kind: 'text' })
    }
    observer.emit({ type: 'agent.event', name: 'progress', content: 1 })

    const kept = observer.getEvents()
    expect(kept.filter(({ type }) => type === 'agent.chunk')).toHaveLength(1000)
    expect(told(kept.filter(({ type }) => type !== 'agent.chunk'))).toEqual([
      'run.start run',
      'agent.start Writer',
      'agent.tool.start search',
      'agent.event progress',
    ])
    expect(observer.gapAfter(0)).toEqual({ from: 4, to: 503 })
    expect(seqs(kept)).toEqual([...seqs(kept)].sort((a, b) => a - b))
  })

  test('also when the chunks come as custom events of that name', () => {
    const observer = new AgentObserver({ limits: { maxEvents: 3, maxChunks: 2 } })

    for (let at = 0; at < 9; at++)
      observer.emit({ type: 'agent.event', name: 'chunk', content: at })
    observer.emit(event('final'))

    expect(told(observer.getEvents())).toEqual([
      'run.start run',
      'agent.event chunk',
      'agent.event chunk',
      'agent.event final',
    ])
  })

  test('1,001 events push out the first', () => {
    const observer = new AgentObserver()

    for (let at = 0; at < 1000; at++) observer.emit(event('e'))

    expect(observer.getEvents()).toHaveLength(1000)
    expect(observer.gapAfter(0)).toEqual({ from: 1, to: 1 })
  })
})

describe('silence', () => {
  beforeEach(() => {
    vi.useFakeTimers()
  })
  afterEach(() => {
    vi.useRealTimers()
  })

  test('of two minutes abandons a run, not less', () => {
    const observer = new AgentObserver()
    observer.emit(event('a'))

    vi.advanceTimersByTime(100_000)
    observer.emit(event('b'))
    vi.advanceTimersByTime(119_000)
    expect(observer.ended).toBe(false)
    vi.advanceTimersByTime(12_000)

    expect(told(observer.getEvents()).at(-1)).toBe('run.end abandoned')
    vi.advanceTimersByTime(10_000)
    expect(vi.getTimerCount()).toBe(0)
  })

  test('is told as a sign of life while something is open', () => {
    const observer = new AgentObserver()
    observer.emit(event('a'))
    const begun = observer.lastSeenAt
    vi.advanceTimersByTime(60_000)
    expect(observer.lastSeenAt).toBe(begun)

    observer.life.hold()
    vi.advanceTimersByTime(60_000)

    expect(observer.lastSeenAt).toBe(Date.now())
    expect(observer.summary().lastSeenAt).toBe(Date.now())
  })

  test('is none while something is open, until a day is over', () => {
    const observer = new AgentObserver()
    observer.life.hold()
    observer.emit(event('a'))

    vi.advanceTimersByTime(23 * 3_600_000)
    expect(observer.ended).toBe(false)
    vi.advanceTimersByTime(3_601_000 + 10_000)

    expect(observer.summary().status).toBe('abandoned')
  })
})
