import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { Entry } from './entry.ts'
import { EventLog } from './event-log.ts'

/** What an EventLog is to do, done naively. */
class NaiveLog {
  kept: { seq: number; talk: boolean; bytes: number }[] = []
  gone: number[] = []
  lastSeq = 0
  readonly #limits: { maxEvents: number; maxChunks: number; maxRunBytes: number }

  constructor(limits: { maxEvents: number; maxChunks: number; maxRunBytes: number }) {
    this.#limits = limits
  }

  append(talk: boolean, bytes: number): void {
    this.kept.push({ seq: ++this.lastSeq, talk, bytes })
    const { maxEvents, maxChunks, maxRunBytes } = this.#limits
    const alike = this.kept.filter((entry) => entry.talk === talk)
    if (alike.length > (talk ? maxChunks : maxEvents)) this.#drop(alike[0]?.seq)
    while (this.bytes > maxRunBytes && this.kept.length > 1) {
      const old = this.kept.filter((entry) => entry.seq !== this.lastSeq)
      this.#drop((old.find((entry) => entry.talk) ?? old[0])?.seq)
    }
  }

  get bytes(): number {
    return this.kept.reduce((sum, entry) => sum + entry.bytes, 0)
  }

  after(seq: number): number[] {
    return this.kept.map((entry) => entry.seq).filter((kept) => kept > seq)
  }

  /** The stretch from the first to the last event that a reader of `seq` has missed. */
  gapAfter(seq: number): { from: number; to: number } | undefined {
    const missed = this.gone.filter((gone) => gone > seq)
    return missed.length === 0 ? undefined : { from: Math.min(...missed), to: Math.max(...missed) }
  }

  #drop(seq: number | undefined): void {
    this.kept = this.kept.filter((entry) => entry.seq !== seq)
    if (seq !== undefined) this.gone.push(seq)
  }
}

const limits = fc.record({
  maxEvents: fc.integer({ min: 1, max: 6 }),
  maxChunks: fc.integer({ min: 1, max: 6 }),
  maxRunBytes: fc.integer({ min: 1, max: 60 }),
})
const pushes = fc.array(fc.record({ talk: fc.boolean(), bytes: fc.integer({ min: 1, max: 20 }) }), {
  maxLength: 60,
})

function entry(seq: number, talk: boolean, bytes: number): Entry {
  return new Entry(seq, talk ? 'agent.chunk' : 'agent.event', bytes, { build: () => never() })
}

function never(): never {
  throw new Error('nobody reads')
}

describe('whatever is appended', () => {
  test('what is kept, counted and missing is what a naive log says, for a reader at any place', () => {
    fc.assert(
      fc.property(limits, pushes, (given, appended) => {
        const log = new EventLog(given)
        const model = new NaiveLog(given)
        for (const { talk, bytes } of appended) {
          log.append(entry(log.lastSeq + 1, talk, bytes), talk)
          model.append(talk, bytes)

          expect(log.bytes).toBe(model.bytes)
          for (let since = 0; since <= log.lastSeq; since++) {
            expect(log.after(since).map((kept) => kept.seq)).toEqual(model.after(since))
            expect(log.gapAfter(since)).toEqual(model.gapAfter(since))
            expect(log.count(1, since)).toBe(since - model.gone.filter((at) => at <= since).length)
          }
          expect(log.evicted).toBe(model.gone.length)
        }
      }),
      { numRuns: 150 },
    )
  })

  test('a limit cuts what a reader gets at once, and the rest follows from where it was', () => {
    fc.assert(
      fc.property(limits, pushes, fc.integer({ min: 1, max: 5 }), (given, appended, page) => {
        const log = new EventLog(given)
        for (const { talk, bytes } of appended) {
          log.append(entry(log.lastSeq + 1, talk, bytes), talk)
        }

        const read: number[] = []
        for (
          let part = log.after(0, page);
          part.length > 0;
          part = log.after(read.at(-1) ?? 0, page)
        ) {
          expect(part.length).toBeLessThanOrEqual(page)
          read.push(...part.map((kept) => kept.seq))
        }

        expect(read).toEqual(log.after(0).map((kept) => kept.seq))
      }),
    )
  })
})

test('a log that was cleared holds nothing and says that everything is missing', () => {
  const log = new EventLog({ maxEvents: 3, maxChunks: 3, maxRunBytes: 1000 })
  for (let seq = 1; seq <= 5; seq++) log.append(entry(seq, seq % 2 === 0, 10), seq % 2 === 0)

  log.clear()

  expect(log.after(0)).toEqual([])
  expect(log.bytes).toBe(0)
  expect(log.lastSeq).toBe(5)
  expect(log.gapAfter(0)).toEqual({ from: 1, to: 5 })
})
