import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import type { ChunkKind } from '../event/agent-event.ts'
import { ChunkJoiner } from './chunk-joiner.ts'

interface Sent {
  readonly index: number
  readonly delta: unknown
  readonly kind: ChunkKind
  readonly at: number
}

beforeEach(() => {
  vi.useFakeTimers({ now: 1_000_000 })
})
afterEach(() => {
  vi.useRealTimers()
})

function joining(): { joiner: ChunkJoiner; sent: Sent[] } {
  const sent: Sent[] = []
  const joiner = new ChunkJoiner((index, delta, kind, timestamp) => {
    sent.push({ index, delta, kind, at: timestamp })
  })
  return { joiner, sent }
}

describe('text chunks', () => {
  test('the first goes at once, those within 25 ms after it together', () => {
    const { joiner, sent } = joining()

    joiner.push('Hel', 'text')
    expect(sent).toEqual([{ index: 0, delta: 'Hel', kind: 'text', at: 1_000_000 }])
    vi.advanceTimersByTime(10)
    joiner.push('lo ', 'text')
    vi.advanceTimersByTime(10)
    joiner.push('world', 'text')
    vi.advanceTimersByTime(14)
    expect(sent).toHaveLength(1)
    vi.advanceTimersByTime(1)

    expect(sent[1]).toEqual({ index: 1, delta: 'lo world', kind: 'text', at: 1_000_010 })
  })

  test('that come slowly go one by one, each at once', () => {
    const { joiner, sent } = joining()

    for (const delta of ['a', 'b', 'c']) {
      joiner.push(delta, 'text')
      vi.advanceTimersByTime(25)
    }

    expect(sent.map(({ delta, at }) => [delta, at])).toEqual([
      ['a', 1_000_000],
      ['b', 1_000_025],
      ['c', 1_000_050],
    ])
    expect(vi.getTimerCount()).toBe(0)
  })

  test('a flood goes out at 8,192 characters, whatever the time', () => {
    const { joiner, sent } = joining()

    for (let at = 0; at <= 8192; at++) joiner.push('x', 'text')

    expect(sent.map(({ delta }) => String(delta).length)).toEqual([1, 8192])
  })

  test('reasoning is joined by itself and keeps its place', () => {
    const { joiner, sent } = joining()

    joiner.push('I ', 'reasoning')
    joiner.push('think', 'reasoning')
    joiner.push('Yes', 'text')
    joiner.push('.', 'text')
    joiner.flush()

    expect(sent.map(({ delta, kind }) => `${kind} ${delta}`)).toEqual([
      'reasoning I ',
      'reasoning think',
      'text Yes.',
    ])
  })
})

test('data does not wait, and does not overtake text', () => {
  const { joiner, sent } = joining()

  joiner.push('a', 'text')
  joiner.push('b', 'text')
  joiner.push({ part: 1 }, 'data')
  joiner.push('{"part":2}', 'data')

  expect(sent.map(({ delta }) => delta)).toEqual(['a', 'b', { part: 1 }, '{"part":2}'])
  expect(sent.map(({ index }) => index)).toEqual([0, 1, 2, 3])
})

test('a flush without anything that waits sends nothing, and leaves no timer', () => {
  const { joiner, sent } = joining()
  joiner.push('a', 'text')
  joiner.push('b', 'text')

  joiner.flush()
  joiner.flush()

  expect(sent).toHaveLength(2)
  expect(vi.getTimerCount()).toBe(0)
})

test('whatever comes when, every piece arrives once, in order, by kind, within 25 ms', () => {
  const step = fc.record({
    kind: fc.constantFrom<ChunkKind>('text', 'reasoning', 'data'),
    waitMs: fc.integer({ min: 0, max: 40 }),
  })
  fc.assert(
    fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
      const { joiner, sent } = joining()
      const arrivedAt = new Map<string, number>()
      let heard = 0
      const pushed = steps.map(({ kind, waitMs }, at) => {
        const piece = `<${at}>`
        const pushedAt = Date.now()
        joiner.push(piece, kind)
        for (let ms = 0; ms <= waitMs; ms++) {
          for (; heard < sent.length; heard++) {
            for (const part of String(sent[heard]?.delta).match(/<\d+>/g) ?? []) {
              arrivedAt.set(part, Date.now())
            }
          }
          if (ms < waitMs) vi.advanceTimersByTime(1)
        }
        return { piece, kind, pushedAt }
      })
      joiner.flush()

      for (const kind of ['text', 'reasoning', 'data'] as const) {
        const ofKind = (all: readonly { kind: ChunkKind }[]) =>
          all.filter((one) => one.kind === kind)
        expect((ofKind(sent) as Sent[]).map(({ delta }) => delta).join('')).toBe(
          (ofKind(pushed) as typeof pushed).map(({ piece }) => piece).join(''),
        )
      }
      expect(sent.map(({ delta }) => delta).join('')).toBe(
        pushed.map(({ piece }) => piece).join(''),
      )
      expect(sent.map(({ index }) => index)).toEqual(sent.map((_, at) => at))
      for (const { piece, pushedAt } of pushed) {
        expect((arrivedAt.get(piece) ?? pushedAt) - pushedAt).toBeLessThanOrEqual(25)
      }
    }),
    { numRuns: 100 },
  )
})
