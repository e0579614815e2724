import fc from 'fast-check'
import { expect, test } from 'vitest'
import { label } from './visible.ts'

test('what would not be seen is made visible, and lines become one', () => {
  expect(label('a\u0000b\u001b[31mc')).toBe('a␀b␛[31mc')
  expect(label('gnp\u202Eexe')).toBe('gnp�exe')
  expect(label('half \ud83d, whole 😀')).toBe('half �, whole 😀')
  expect(label('one\ntwo\tthree')).toBe('one two three')
})

test('any text is short, whole, and of one direction', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 600 }), (text) => {
      const seen = label(text)
      expect(seen.length).toBeLessThanOrEqual(241)
      expect(Buffer.from(seen).toString()).toBe(seen)
      // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what must not be there.
      expect(seen).not.toMatch(/[\u0000-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/)
    }),
  )
})
