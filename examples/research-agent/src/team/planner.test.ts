import { expect, test } from 'vitest'
import type { Ask } from './model.ts'
import { createPlanner, MAX_TOPICS, splitQuestion } from './planner.ts'

test.each([
  ['How does qs work?', ['How does qs work']],
  ['What is express and how does qs parse', ['What is express', 'how does qs parse']],
  [
    'What is express, what is qs, and why is send fast?',
    ['What is express', 'what is qs', 'why is send fast'],
  ],
  [
    'What is express? How do I close it?',
    ['What is express', 'How do I close it (What is express)'],
  ],
  ['Routing and middleware in express', ['Routing and middleware in express']],
])('%s is split where a new question begins', (question, topics) => {
  expect(splitQuestion(question)).toEqual(topics)
})

test('no more topics than researchers, and nothing of the question is lost', () => {
  const topics = splitQuestion('What is express? What is qs? What is send? What is etag?')

  expect(topics).toHaveLength(MAX_TOPICS)
  expect(topics.at(-1)).toBe('What is send; What is etag')
})

test('a question without telling words stays whole', () => {
  expect(splitQuestion(' Why? ')).toEqual(['Why?'])
})

test('a model plans line by line, whatever marks it puts before the lines', async () => {
  const ask: Ask = async function* () {
    yield '1. What is ex'
    yield 'press?\n- What is qs?\n\n'
  }

  expect(await createPlanner(ask)('Tell me')).toEqual(['What is express?', 'What is qs?'])
})

test('a model that says nothing leaves the question to the rules', async () => {
  const ask: Ask = async function* () {
    yield '\n'
  }

  expect(await createPlanner(ask)('What is qs?')).toEqual(['What is qs'])
})
