import fc from 'fast-check'
import { expect, test } from 'vitest'
import { AgentMarks } from './agent-marks.ts'

test('a key matches if it begins with a prefix, as text and as bytes', () => {
  const text = fc.string({ unit: fc.constantFrom('a', 'b', '.', 'ü'), maxLength: 6 })
  fc.assert(
    fc.property(fc.array(text, { maxLength: 4 }), text, (prefixes, key) => {
      const keys = new AgentMarks(prefixes)
      const bytes = Buffer.from(`..${key}..`)

      const expected = prefixes.some((prefix) => prefix !== '' && key.startsWith(prefix))

      expect(keys.matches(key)).toBe(expected)
      expect(keys.matchesBytes(bytes, 2, bytes.length - 2)).toBe(expected)
    }),
  )
})
