import { expect, test } from 'vitest'
import { type Step, script } from '../testing/scripted-run.ts'
import { reduce } from './reduce.ts'
import { initialState } from './run-state.ts'
import { runText } from './run-text.ts'

function start(spanId: string, parentSpanId?: string): Step {
  const at = { spanId, ...(parentSpanId !== undefined && { parentSpanId }) }
  return { type: 'agent.start', ...at, nodeName: spanId, nodeKind: 'agent' }
}

function says(spanId: string, parentSpanId: string | undefined, delta: unknown): Step {
  const at = { spanId, ...(parentSpanId !== undefined && { parentSpanId }) }
  const kind = typeof delta === 'string' ? 'text' : 'data'
  return { type: 'agent.chunk', ...at, index: 0, kind, delta }
}

function textOf(...steps: readonly Step[]): string {
  return runText(script(...steps).reduce(reduce, initialState('run-0001')))
}

const TREE = [start('agent'), start('model', 'agent'), start('other', 'agent')]

test('what a model says and its agent passes on is there once', () => {
  expect(
    textOf(
      ...TREE,
      says('model', 'agent', 'Hel'),
      says('agent', undefined, 'He'),
      says('model', 'agent', 'lo'),
      says('agent', undefined, 'llo'),
    ),
  ).toBe('Hello')
})

test('an agent that passes on the words of several models, or of the last, repeats none', () => {
  const spoken = [...TREE, says('model', 'agent', 'plan'), says('other', 'agent', 'answer')]

  expect(textOf(...spoken, says('agent', undefined, 'plananswer'))).toBe('plan\nanswer')
  expect(textOf(...spoken, says('agent', undefined, 'answer'))).toBe('plan\nanswer')
  expect(textOf(...spoken, says('agent', undefined, 'answer, it says'))).toBe(
    'plan\nanswer\n, it says',
  )
})

test('what spans say by themselves is told in the order in which they began', () => {
  expect(
    textOf(
      ...TREE,
      says('model', 'agent', 'one'),
      says('other', 'agent', 'two\n'),
      says('agent', undefined, 'three'),
    ),
  ).toBe('one\ntwo\nthree')
})

test('structured chunks are no text', () => {
  expect(textOf(...TREE, says('model', 'agent', { a: 1 }))).toBe('')
})
