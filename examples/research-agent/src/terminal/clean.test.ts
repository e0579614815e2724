import fc from 'fast-check'
import { expect, test } from 'vitest'
import { brief, clean, cleanLine } from './clean.ts'

const ESC = '\u001b'

test('escape sequences, bells and reversed text do not reach the terminal', () => {
  expect(
    clean(`${ESC}[31mred${ESC}[0m ${ESC}]0;title\u0007\u0008plain \u202eesrever\u009b2J`),
  ).toBe('red plain esrever')
})

test('line ends stay line ends and cannot hide a line', () => {
  expect(clean('one\r\ntwo\rthree\u2028four')).toBe('one\ntwo\nthree\nfour')
})

test('no text leaves a control character behind', () => {
  const unit = fc.constantFrom(
    ESC,
    '[',
    ']',
    '2',
    'J',
    ';',
    '\u0007',
    '\u009b',
    '\u202e',
    'x',
    '\r',
    '\n',
    '\t',
  )
  fc.assert(
    fc.property(fc.oneof(fc.string({ unit }), fc.string({ unit: 'binary' })), (text) => {
      expect(clean(text)).not.toMatch(/(?!\n)\p{Cc}|[\u202a-\u202e\u2066-\u2069]/u)
      expect(cleanLine(text, 10)).not.toMatch(/\n/)
      expect(Array.from(cleanLine(text, 10)).length).toBeLessThanOrEqual(10)
    }),
  )
})

test.each([
  [[{ query: 'fuzzy', limit: 8 }], 'query: "fuzzy", limit: 8'],
  [{ text: 'x'.repeat(900) }, 'text: 900 characters'],
  ['a\nb', 'a b'],
  [null, 'null'],
  [undefined, ''],
  [[1, 'two'], '1, two'],
])('a value is told in brief: %j', (value, text) => {
  expect(brief(value, 80)).toBe(text)
})
