import { expect, test } from 'vitest'
import type { Ask } from './model.ts'
import type { Finding } from './researcher.ts'
import { createWriter } from './writer.ts'

const quote = (section: string, text: string, continues = false) => ({
  path: 'parser/README.md',
  section: `parser › ${section}`,
  text,
  continues,
})
const FINDINGS: readonly Finding[] = [
  {
    topic: 'the limit',
    quotes: [
      quote('limit', 'It is 100 kB.'),
      quote('limit', 'It can be raised.', true),
      quote('limit', 'It is checked early.'),
      quote('type', 'JSON is one type.'),
    ],
    releases: { parser: '3.1.0' },
  },
  { topic: 'the weather', quotes: [], releases: {} },
]
const signal = new AbortController().signal

async function written(options: { ask?: Ask; signal?: AbortSignal }, findings = FINDINGS) {
  const write = createWriter({ ask: undefined, signal, msPerWord: 0, ...options })
  const parts: string[] = []
  for await (const part of write('What is the limit?', findings)) parts.push(part)
  return parts
}

test('quotes come word by word, cited, with marks where something was left out', async () => {
  const parts = await written({})

  expect(parts.slice(0, 3)).toEqual(['Quoted ', 'word ', 'for '])
  expect(parts.join('')).toBe(
    `Quoted word for word, no model has written this:

The limit
It is 100 kB. It can be raised. … It is checked early. [1] JSON is one type. [2]

The weather
The documents say nothing about this.

Sources
[1] parser/README.md, parser › limit (newest release: 3.1.0)
[2] parser/README.md, parser › type (newest release: 3.1.0)
`,
  )
})

test('a model writes from numbered notes, and its words pass through as they come', async () => {
  let notes = ''
  const ask: Ask = async function* ({ text }) {
    notes = text
    yield 'At most '
    yield '100 kB [1].'
  }

  const parts = await written({ ask })

  expect(notes).toContain('[1] parser › limit: It is 100 kB.')
  expect(notes).toContain('[2] parser › type: JSON is one type.')
  expect(parts.slice(0, 2)).toEqual(['At most ', '100 kB [1].'])
  expect(parts.at(-1)).toContain('\n\nSources\n[1] parser/README.md')
})

test('without anything found no model is asked', async () => {
  const ask: Ask = () => {
    throw new Error('Expected not to be asked')
  }

  expect((await written({ ask }, [])).join('')).toBe(
    'The documents say nothing about this: What is the limit?\n',
  )
})

test('writing stops when the run is cancelled', async () => {
  await expect(written({ signal: AbortSignal.abort() })).rejects.toThrow('aborted')
})
