import { AgentObserver, type StreamGap } from '@spancast/sdk'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { RunChannel } from './channel.ts'
import { parseCursor, startAfter } from './cursor.ts'
import { RunReader } from './reader.ts'
import { emitChunks, emitEvents, endRun } from './testing/emit.ts'
import { MemoryEdge } from './testing/memory-edge.ts'
import { SharedWording } from './wording.ts'

const EVERYTHING = Number.MAX_SAFE_INTEGER
const LIMITS = { maxReaderBytes: 1 << 20, maxReaderLagMs: 30_000 }

interface World {
  readonly observer: AgentObserver
  /** Ends the turn of the event loop. */
  turn(): void
  /** Connects a reader with what a request would send as `Last-Event-ID`. */
  connect(cursor?: string, room?: number): MemoryEdge
  readonly listeners: number
}

function world(limits: { maxEvents?: number; maxChunks?: number }, reader = LIMITS): World {
  const observer = new AgentObserver({ randomId: 'run-12345678', limits })
  let listeners = 0
  const listen = observer.listen.bind(observer)
  observer.listen = (listener) => {
    listeners++
    const stop = listen(listener)
    return () => {
      listeners--
      stop()
    }
  }
  const deferred: (() => void)[] = []
  let channel: RunChannel | undefined
  return {
    observer,
    turn: () => {
      for (const fn of deferred.splice(0)) fn()
    },
    connect: (cursor, room = EVERYTHING) => {
      channel ??= new RunChannel(
        observer,
        () => {
          channel = undefined
        },
        (fn) => deferred.push(fn),
      )
      const edge = new MemoryEdge(room)
      const { after, restarted } = startAfter(parseCursor(cursor ?? ''), observer)
      const wording = new SharedWording(channel)
      const reading = new RunReader(channel, wording, edge, after, reader, {
        events: 0,
        bytes: 0,
      })
      edge.carried = reading
      reading.begin(restarted ? 'untold' : undefined)
      reading.start()
      return edge
    },
    get listeners() {
      return listeners
    },
  }
}

const recordsOf = (edge: MemoryEdge): { type: string; seq?: number }[] =>
  edge.received.messages.map(({ data }) => JSON.parse(data))
const seqsOf = (edge: MemoryEdge): (number | undefined)[] =>
  recordsOf(edge)
    .filter(({ type }) => !type.startsWith('stream.'))
    .map(({ seq }) => seq)
const upTo = (last: number, from = 1): number[] =>
  Array.from({ length: last - from + 1 }, (_, at) => from + at)

describe('a reader', () => {
  test('gets what was there and then what comes, each once and in order', () => {
    const { observer, connect, turn } = world({})
    emitEvents(observer, 200)

    const edge = connect()
    emitEvents(observer, 3)
    turn()
    emitEvents(observer, 1)
    turn()

    expect(seqsOf(edge)).toEqual(upTo(205))
    expect(edge.received.cursor).toBe(`${observer.epoch}.205`)
  })

  test('that comes while events wait for the end of the turn gets none of them twice', () => {
    const { observer, connect, turn } = world({})
    const first = connect()
    emitEvents(observer, 5)

    const second = connect()
    const third = connect('4')
    emitEvents(observer, 5)
    turn()

    for (const edge of [first, second]) expect(seqsOf(edge)).toEqual(upTo(11))
    expect(seqsOf(third)).toEqual(upTo(11, 5))
  })

  test('gets what was overwritten announced once, before what survives of it', () => {
    const { observer, connect } = world({ maxEvents: 5, maxChunks: 3 })
    emitEvents(observer, 3)
    emitChunks(observer, 10)

    const edge = connect('2')

    expect(recordsOf(edge)[2]).toEqual({
      type: 'stream.gap',
      reason: 'overwritten',
      from: 5,
      to: 11,
    })
    expect(edge.received.messages[2]?.id).toBe(`${observer.epoch}.11`)
    expect(seqsOf(edge)).toEqual([3, 4, 12, 13, 14])
    expect(recordsOf(edge).filter(({ type }) => type === 'stream.gap')).toHaveLength(1)
  })

  test('with a cursor of another buffer is told so and gets everything', () => {
    const { observer, connect } = world({})
    emitEvents(observer, 2)

    const edge = connect('feedbeef.900')

    expect(recordsOf(edge)[0]).toEqual({ type: 'stream.gap', reason: 'restarted' })
    expect(edge.received.messages[0]?.id).toBe(`${observer.epoch}.0`)
    expect(seqsOf(edge)).toEqual([1, 2, 3])
  })

  test('that lags is written nothing more, catches up when it takes again, and keeps all in order', () => {
    const { observer, connect, turn } = world({})
    emitEvents(observer, 1)
    const edge = connect(undefined, 1000)

    for (let round = 0; round < 50; round++) {
      emitEvents(observer, 2)
      turn()
    }
    expect(edge.waiting).toBeLessThan(2000)
    edge.take(EVERYTHING)
    emitEvents(observer, 1)
    turn()

    expect(seqsOf(edge)).toEqual(upTo(103))
    expect(edge.endedBy).toBeUndefined()
  })

  test('whose lag passes its bytes is cut; one at the limit is not', () => {
    const limits = { ...LIMITS, maxReaderBytes: 10_000 }
    const { observer, connect, turn } = world({}, limits)
    emitEvents(observer, 1)
    const edge = connect(undefined, 1000)
    const other = connect()
    while (edge.waiting === 0) {
      emitEvents(observer, 1)
      turn()
    }

    let lag = 0
    while (edge.endedBy === undefined) {
      const before = other.received.messages.length
      emitEvents(observer, 1)
      turn()
      const frame = other.received.messages.slice(before)
      lag += frame.reduce((sum, { id, data }) => sum + id.length + data.length + 12, 0)
      if (lag > 10_000 + 2000) break
    }

    expect(edge.endedBy).toBe('too-slow')
    expect(lag).toBeGreaterThan(10_000)
    expect(other.endedBy).toBeUndefined()
    expect(seqsOf(connect(edge.received.cursor)).at(-1)).toBe(observer.lastSeq)
  })

  test('in its backfill is not cut, however far the run goes ahead', () => {
    const limits = { maxReaderBytes: 1000, maxReaderLagMs: 1 }
    const { observer, connect, turn } = world({ maxEvents: 500 }, limits)
    emitEvents(observer, 400)
    const edge = connect(undefined, 100)

    for (let round = 0; round < 200; round++) {
      emitEvents(observer, 1)
      turn()
      expect(edge.carried?.tooSlow(round * 1000)).toBe(false)
    }
    while (edge.received.messages.length < 480) edge.take(500)

    expect(edge.endedBy).toBeUndefined()
  })

  test('is too slow when what was written waits longer than the limit', () => {
    const { observer, connect, turn } = world({})
    const edge = connect(undefined, 10)
    emitEvents(observer, 1)
    turn()

    expect(edge.carried?.tooSlow(1000)).toBe(false)
    expect(edge.carried?.tooSlow(31_000)).toBe(false)
    expect(edge.carried?.tooSlow(31_001)).toBe(true)
    edge.take(EVERYTHING)
    expect(edge.carried?.tooSlow(62_000)).toBe(false)
  })

  test('of a run that ends gets run.end and completed', () => {
    const { observer, connect, turn } = world({})
    const live = connect()
    emitEvents(observer, 1)
    endRun(observer)
    turn()

    const late = connect()

    for (const edge of [live, late]) {
      expect(recordsOf(edge).map(({ type }) => type)).toEqual([
        'run.start',
        'agent.event',
        'run.end',
      ])
      expect(edge.endedBy).toBe('completed')
    }
  })

  test('of a run that ended and was let go in the same turn gets completed', () => {
    const { observer, connect, turn } = world({})
    const edge = connect()
    emitEvents(observer, 1)
    endRun(observer)
    observer.dispose()
    turn()

    expect(seqsOf(edge)).toEqual([1, 2, 3])
    expect(edge.endedBy).toBe('completed')
  })

  test('of a run that is let go while it runs gets its last events and disposed', () => {
    const { observer, connect, turn } = world({})
    const edge = connect()
    emitEvents(observer, 1)
    observer.dispose()
    turn()

    expect(seqsOf(edge)).toEqual([1, 2, 3])
    expect(edge.endedBy).toBe('disposed')
  })
})

describe('a channel', () => {
  test('listens to its run once, however many readers there are, and not at all without', () => {
    const run = world({})
    const edges = upTo(20).map(() => run.connect())

    expect(run.listeners).toBe(1)
    for (const edge of edges) edge.leave()
    expect(run.listeners).toBe(0)
    run.connect()
    expect(run.listeners).toBe(1)
  })

  test('makes one buffer of the events of a turn, for all readers', () => {
    const { observer, connect, turn } = world({})
    emitEvents(observer, 1)
    const written: Buffer[][] = [[], []]
    for (const into of written) {
      const edge = connect()
      const write = edge.write.bind(edge)
      edge.write = (bytes) => {
        into.push(bytes)
        write(bytes)
      }
    }

    emitEvents(observer, 10)
    expect(written).toEqual([[], []])
    turn()

    expect(written[0]).toHaveLength(1)
    expect(written[1]?.[0]).toBe(written[0]?.[0])
  })

  test('sends a burst of one turn in parts, so that none of it is lost to a small buffer', () => {
    const { observer, connect, turn } = world({ maxEvents: 10 })
    const edge = connect()

    emitEvents(observer, 2000)
    turn()

    expect(seqsOf(edge)).toEqual(upTo(2001))
  })

  test('builds no event while nobody is live', () => {
    const { observer, connect, turn } = world({})
    emitEvents(observer, 1)
    let built = 0
    const build = (): never => {
      built++
      throw new Error('built')
    }
    const slow = connect(undefined, 10)

    for (let at = 0; at < 10; at++) observer.append('agent.event', { build }, 10, false, 1)
    turn()
    slow.leave()

    expect(built).toBe(0)
  })
})

describe('whatever happens in whatever order', () => {
  type Step =
    | { do: 'emit' | 'talk'; count: number }
    | { do: 'turn' }
    | { do: 'connect'; room: number }
    | { do: 'take'; reader: number; bytes: number }
    | { do: 'resume'; reader: number; room: number }
  const count = fc.integer({ min: 1, max: 30 })
  const room = fc.constantFrom(0, 100, 700, 3000, EVERYTHING)
  const step: fc.Arbitrary<Step> = fc.oneof(
    { weight: 4, arbitrary: fc.record({ do: fc.constant('emit' as const), count }) },
    { weight: 2, arbitrary: fc.record({ do: fc.constant('talk' as const), count }) },
    { weight: 4, arbitrary: fc.constant({ do: 'turn' as const }) },
    { weight: 2, arbitrary: fc.record({ do: fc.constant('connect' as const), room }) },
    {
      weight: 4,
      arbitrary: fc.record({ do: fc.constant('take' as const), reader: fc.nat(9), bytes: room }),
    },
    {
      weight: 2,
      arbitrary: fc.record({ do: fc.constant('resume' as const), reader: fc.nat(9), room }),
    },
  )

  test('each event arrives once and in order, or its loss is announced', () => {
    fc.assert(
      fc.property(
        fc.array(step, { maxLength: 60 }),
        fc.integer({ min: 1, max: 60 }),
        fc.integer({ min: 1, max: 20 }),
        fc.constantFrom(400, 3000, 1 << 20),
        fc.boolean(),
        (steps, maxEvents, maxChunks, maxReaderBytes, ends) => {
          const run = world({ maxEvents, maxChunks }, { ...LIMITS, maxReaderBytes })
          const readers: MemoryEdge[][] = []
          const resume = (connections: MemoryEdge[], room: number): void => {
            connections.at(-1)?.leave()
            // A reader that got nothing this time still knows the id that it had before.
            const cursor = connections.map((edge) => edge.received.cursor).findLast(Boolean)
            connections.push(run.connect(cursor, room))
          }

          for (const now of steps) {
            const reader = 'reader' in now ? readers[now.reader % (readers.length || 1)] : undefined
            if (now.do === 'emit') emitEvents(run.observer, now.count)
            else if (now.do === 'talk') emitChunks(run.observer, now.count)
            else if (now.do === 'turn') run.turn()
            else if (now.do === 'connect') readers.push([run.connect(undefined, now.room)])
            else if (now.do === 'take') reader?.at(-1)?.take(now.bytes)
            else if (now.do === 'resume' && reader !== undefined) resume(reader, now.room)
          }
          emitEvents(run.observer, 1)
          if (ends) endRun(run.observer)
          run.turn()
          for (const connections of readers) {
            connections.at(-1)?.take(EVERYTHING)
            if (connections.at(-1)?.endedBy === 'too-slow') resume(connections, EVERYTHING)
          }

          for (const connections of readers) {
            assertComplete(connections, run.observer.lastSeq)
            expect(connections.at(-1)?.endedBy).toBe(ends ? 'completed' : undefined)
          }
          for (const connections of readers) connections.at(-1)?.leave()
          expect(run.listeners).toBe(0)
        },
      ),
      { numRuns: 1000 },
    )
  })

  /** Holds what a reader got over its connections against what a run of that length had. */
  function assertComplete(connections: readonly MemoryEdge[], lastSeq: number): void {
    const got = new Set<number>()
    const lost = new Set<number>()
    for (const edge of connections) {
      let last = 0
      let toldTo = 0
      for (const record of recordsOf(edge)) {
        if (record.type === 'stream.gap') {
          const gap = record as StreamGap
          if (gap.reason !== 'overwritten') throw new Error('nothing was restarted')
          expect(gap.from).toBeLessThanOrEqual(gap.to)
          expect(gap.from).toBeGreaterThan(Math.max(last, toldTo))
          toldTo = gap.to
          for (let seq = gap.from; seq <= gap.to; seq++) lost.add(seq)
        } else {
          const seq = record.seq ?? 0
          expect(seq).toBeGreaterThan(last)
          expect(got.has(seq)).toBe(false)
          got.add(seq)
          last = seq
        }
      }
    }
    for (let seq = 1; seq <= lastSeq; seq++) {
      if (!got.has(seq) && !lost.has(seq)) throw new Error(`${seq} is missing without a word`)
    }
  }
})
