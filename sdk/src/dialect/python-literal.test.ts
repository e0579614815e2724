import fc from 'fast-check'
import { expect, test } from 'vitest'
import { objectInPython } from './python-literal.ts'
import { see } from './testing/see.ts'

test.each([
  ["{'city': 'Lima'}", { city: 'Lima' }],
  [
    `{'a': "it's", 'b': [1, -2.5, 1e-07], 'c': {'d': None, 'e': True}}`,
    { a: "it's", b: [1, -2.5, 1e-7], c: { d: null, e: true } },
  ],
  [String.raw`{'a': 'it\'s "so"\n'}`, { a: 'it\'s "so"\n' }],
])('%s is an object', (text, value) => {
  expect(objectInPython(text)).toEqual(value)
})

test.each([
  'Lima',
  "{'city': Lima}",
  "{'city': 'Lima'",
  "{'when': datetime.date(2026, 1, 1)}",
  String.raw`{'a': '\x00'}`,
  "{'a': (1,)}",
])('%s stays a text', (text) => {
  expect(objectInPython(text)).toBe(text)
})

test('no text breaks it', () => {
  const unit = fc.constantFrom("'", '"', '\\', '{', '}', ':', ',', ' ', 'a', '1', '-', 'None')
  fc.assert(
    fc.property(fc.string({ unit }), (rest) => {
      expect(() => objectInPython(`{'${rest}`)).not.toThrow()
    }),
  )
})

test('a tool of LangChain for Python has its arguments as an object', () => {
  const tool = { 'openinference.span.kind': 'TOOL', 'input.value': "{'city': 'Lima'}" }

  expect(see('openinference.instrumentation.langchain', 'get_weather', tool)?.input).toEqual({
    city: 'Lima',
  })
})
