import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { CollectedSpan } from './collected-span.ts'
import { replay } from './replay.ts'
import { AGENT, span, T0, TOOL } from './testing/collecting.ts'

/** What is told of the spans, as `+id` and `-id`. */
function told(...spans: CollectedSpan[]): string[] {
  const lines: string[] = []
  replay(spans, {
    started: (one) => lines.push(`+${one.facts.name.slice(15)}`),
    told: (_, { name }) => lines.push(name),
    ended: (one) => lines.push(`-${one.facts.name.slice(15)}`),
  })
  return lines
}

describe('the spans of a request are told in the order in which they happened', () => {
  test('whatever order they came in', () => {
    const a = span('a', AGENT, { at: 0, for: 50 })
    const b = span('b', TOOL, { parent: 'a', at: 10, for: 10 })
    const c = span('c', TOOL, { parent: 'a', at: 15, for: 20 })

    expect(told(c, b, a)).toEqual(['+a', '+b', '+c', '-b', '-c', '-a'])
  })

  test('parents around their children where all clocks show the same millisecond', () => {
    const a = span('a', AGENT, { for: 0 })
    const b = span('b', TOOL, { parent: 'a', for: 0 })
    const c = span('c', TOOL, { parent: 'b', for: 0 })

    expect(told(c, b, a)).toEqual(['+a', '+b', '+c', '-c', '-b', '-a'])
  })

  test('what a span carries as events is told between what happened around it, and within the span', () => {
    const at = (name: string, ms: number) => ({ name, timestamp: T0 + ms, content: null })
    const a = span('a', AGENT, { at: 0, for: 50 })
    const b = span('b', TOOL, { parent: 'a', at: 10, for: 10 })
    const events = [at('one', 5), at('two', 30), at('three', 90)]

    const lines = told({ ...a, events }, b, { ...a, events })

    expect(lines.join(' ')).toBe('+a +a one +b -b two three -a -a')
  })

  test('a child whose rounded start is ahead of its parent starts after it all the same', () => {
    const a = span('a', AGENT, { at: 1, for: 9 })
    const b = span('b', TOOL, { parent: 'a', at: 0, for: 5 })

    expect(told(b, a)).toEqual(['+a', '+b', '-b', '-a'])
  })

  test('a child that seems to end a moment after the parent that waited for it ends before it', () => {
    const a = span('a', AGENT, { at: 0, for: 10 })
    const b = span('b', TOOL, { parent: 'a', at: 1, for: 10.4 })
    const c = span('c', TOOL, { parent: 'b', at: 1, for: 10.8 })

    expect(told(a, b, c)).toEqual(['+a', '+b', '+c', '-c', '-b', '-a'])
  })

  test('a child that came first ends first, though a busy machine has put their clocks apart', () => {
    const a = span('a', AGENT, { at: 0, for: 33.6 })
    const b = span('b', TOOL, { parent: 'a', at: 7, for: 31.5 })

    expect(told(b, a)).toEqual(['+a', '+b', '-b', '-a'])
    expect(told(a, b)).toEqual(['+a', '+b', '-a', '-b'])
  })

  test('a child that truly outlives its parent ends after it', () => {
    const a = span('a', AGENT, { at: 0, for: 10 })
    const b = span('b', TOOL, { parent: 'a', at: 5, for: 100 })

    expect(told(b, a)).toEqual(['+a', '+b', '-a', '-b'])
  })

  test('spans that claim to be each other’s parents are told once each', () => {
    const a = span('a', AGENT, { parent: 'b' })
    const b = span('b', AGENT, { parent: 'a' })

    expect(told(a, b).sort()).toEqual(['+a', '+b', '-a', '-b'])
  })

  test('a chain of 50,000 spans is no deeper than any other', () => {
    const chain = Array.from({ length: 50_000 }, (_, index) =>
      span(`${index}`, TOOL, { parent: `${index - 1}`, at: -index, for: 1 }),
    )

    expect(told(...chain)).toHaveLength(100_000)
  })

  test('each span of any request starts once, then ends once', () => {
    const links = fc.array(fc.record({ parent: fc.nat(9), at: fc.nat(5), lasts: fc.nat(5) }), {
      maxLength: 10,
    })
    fc.assert(
      fc.property(links, (specs) => {
        const spans = specs.map(({ parent, at, lasts }, index) =>
          span(`${index}`, AGENT, { parent: `${parent}`, at, for: lasts }),
        )
        const lines = told(...spans)

        expect([...lines].sort()).toEqual(
          [...specs.map((_, index) => `+${index}`), ...specs.map((_, index) => `-${index}`)].sort(),
        )
        for (const index of specs.keys()) {
          expect(lines.indexOf(`+${index}`)).toBeLessThan(lines.indexOf(`-${index}`))
        }
      }),
    )
  })
})
