import { expect, test } from 'vitest'
import { fieldsOf, inputOf } from './ask-input.ts'

test('an example of texts gives one field for each', () => {
  const fields = fieldsOf({ question: 'Why?', tone: 'kind' })

  expect(fields.map(({ word, initial }) => [word, initial])).toEqual([
    ['question', 'Why?'],
    ['tone', 'kind'],
  ])
  expect(inputOf(fields, { question: 'How?' })).toEqual({ question: 'How?', tone: 'kind' })
})

test.each([[{ count: 3 }], [[1, 2]], [{}]])('%j is asked for as JSON', (example) => {
  const fields = fieldsOf(example)

  expect(fields).toHaveLength(1)
  expect(inputOf(fields, {})).toEqual(example)
})

test('what is no JSON is text, and nothing is no input', () => {
  const fields = fieldsOf(undefined)

  expect(inputOf(fields, { '': 'why, then?' })).toBe('why, then?')
  expect(inputOf(fields, { '': '{"a":1}' })).toEqual({ a: 1 })
  expect(inputOf(fields, { '': '  ' })).toBeUndefined()
})
