import fc from 'fast-check'
import { expect, test } from 'vitest'
import { idOfWords, writeWords } from './id-words.ts'

test('an id is the same after it was written as numbers', () => {
  const digits = fc.string({
    unit: fc.constantFrom(...'0123456789abcdef'),
    minLength: 32,
    maxLength: 32,
  })
  fc.assert(
    fc.property(digits, (id) => {
      const words = new Uint32Array(5)

      writeWords(id, words, 1)

      expect(idOfWords(words, 1, 4)).toBe(id)
      writeWords(id.toUpperCase(), words, 1)
      expect(idOfWords(words, 1, 4)).toBe(id)
    }),
  )
})
