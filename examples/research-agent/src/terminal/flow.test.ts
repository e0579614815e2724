import fc from 'fast-check'
import { expect, test } from 'vitest'
import { Flow } from './flow.ts'

function printed(pieces: readonly string[], indent: string, width: number): string {
  const flow = new Flow(indent, width)
  return pieces.map((piece) => flow.push(piece)).join('') + flow.end()
}

test('text wraps between words and keeps its own line ends', () => {
  expect(printed(['one two three\n\nfour'], '| ', 8)).toBe('| one two\n| three\n|\n| four\n')
})

test('empty lines at the beginning are left out, also after an end', () => {
  const flow = new Flow('| ', 80)

  expect(flow.push('\n\none\n\n') + flow.end()).toBe('| one\n|\n')
  expect(flow.push('\ntwo') + flow.end()).toBe('| two\n')
})

test('a word is printed once it is whole', () => {
  const flow = new Flow('', 80)

  expect(flow.push('hel')).toBe('')
  expect(flow.push('lo wor')).toBe('hello')
  expect(flow.end()).toBe(' wor\n')
  expect(flow.end()).toBe('')
})

test('text looks the same whatever pieces it comes in', () => {
  const text = fc.string({ unit: fc.constantFrom('a', 'bc', ' ', '\n') })
  fc.assert(
    fc.property(fc.array(text), fc.integer({ min: 3, max: 12 }), (pieces, width) => {
      expect(printed(pieces, '| ', width)).toBe(printed([pieces.join('')], '| ', width))
    }),
  )
})
