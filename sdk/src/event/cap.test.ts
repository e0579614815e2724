import fc from 'fast-check'
import { expect, test } from 'vitest'
import { capText, cutToJson, utf8Length, wellFormed } from './cap.ts'

const anyText: fc.Arbitrary<string> = fc.string({
  unit: fc.oneof(
    fc.constantFrom('a', '"', '\\', '\n', '\u0001', 'é', '€', '😀', '\ud800', '\udc00'),
    fc.string({ unit: 'binary', maxLength: 1 }),
  ),
  maxLength: 60,
})

test('the byte count is the one of an encoder', () => {
  fc.assert(
    fc.property(anyText, (text) => {
      expect(utf8Length(text)).toBe(Buffer.byteLength(text))
    }),
  )
})

test('a text that fits comes back whole, a longer one ends in an ellipsis within the cap', () => {
  fc.assert(
    fc.property(anyText, fc.nat(80), (text, maxBytes) => {
      const capped = capText(text, maxBytes)

      expect(Buffer.byteLength(capped)).toBeLessThanOrEqual(maxBytes)
      expect(wellFormed(capped)).toBe(capped)
      if (Buffer.byteLength(text) <= maxBytes) expect(capped).toBe(wellFormed(text))
      else if (maxBytes >= 3) expect(capped.endsWith('…')).toBe(true)
      else expect(capped).toBe('')
    }),
  )
})

test('no character is cut in two', () => {
  expect(capText('ab😀cd', 7)).toBe('ab…')
  expect(capText('ab😀cd', 8)).toBe('ab😀cd')
})

test('a text cut to JSON is the beginning of it, within the cap, quotes and escapes counted', () => {
  fc.assert(
    fc.property(anyText, fc.integer({ min: 5, max: 80 }), (text, maxBytes) => {
      const whole = wellFormed(text)
      const json = cutToJson(whole, maxBytes)

      expect(Buffer.byteLength(json)).toBeLessThanOrEqual(maxBytes)
      expect(whole.startsWith(JSON.parse(json).slice(0, -1))).toBe(true)
    }),
  )
})
