import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { requestFormat } from './formats.ts'
import { given, readAgUi } from './testing/readers.ts'
import {
  chunk,
  type Happening,
  modelEnd,
  modelStart,
  nodeEnd,
  nodeStart,
  numbered,
  RUN,
  runEnd,
  runStart,
} from './testing/scripted-run.ts'

/** What a conversation shows of these events: the texts, in order. */
async function shown(happenings: readonly Happening[]): Promise<string[]> {
  const telling = requestFormat('ag-ui')?.tell(RUN)
  const frames = numbered(happenings).map(({ seq, type, ...rest }) =>
    telling?.entry({ seq, type, json: JSON.stringify({ seq, type, ...rest }) }, `e.${seq}`),
  )
  const { messages } = await readAgUi('http://run', given(frames.join('')))
  return messages.map(({ content }) => String(content))
}

const agentOver = (...talk: Happening[]): Happening[] => [
  runStart(),
  nodeStart('agent', 'agent'),
  modelStart('model', 'agent'),
  ...talk,
]
const says = (text: string): Happening => ({ ...chunk('model', text), parentSpanId: 'agent' })
const passesOn = (text: string): Happening => chunk('agent', text)

describe('an agent that streams what its model streams', () => {
  test('is heard once, however its chunks and those of its model fall', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.string({ minLength: 1, maxLength: 40, unit: fc.constantFrom('a', 'b', ' ') }),
        fc.infiniteStream(fc.tuple(fc.boolean(), fc.integer({ min: 1, max: 5 }))),
        async (text, choices) => {
          const talk: Happening[] = [says(text.slice(0, 1))]
          let said = 1
          let passed = 0
          for (const [model, count] of choices) {
            if (said === text.length && passed === text.length) break
            if (model && said < text.length) {
              talk.push(says(text.slice(said, said + count)))
              said = Math.min(text.length, said + count)
            } else if (!model && passed < text.length) {
              // Chunks are joined for a moment, so that one may overtake the other by a little.
              const next = Math.min(text.length, passed + count)
              talk.push(passesOn(text.slice(passed, next)))
              passed = next
            }
          }
          talk.push(modelEnd('model', { output: text }), nodeEnd('agent', { output: text }))

          expect(await shown([...agentOver(...talk), runEnd({ output: text })])).toEqual([text])
        },
      ),
      { numRuns: 200 },
    )
  })

  test('is heard with what it adds of its own, in the order in which it was said', async () => {
    const texts = await shown([
      runStart(),
      nodeStart('agent', 'agent'),
      passesOn('Let me think. '),
      modelStart('model', 'agent'),
      says('It is '),
      passesOn('It is '),
      says('four.'),
      passesOn('four.'),
      modelEnd('model'),
      passesOn(' Anything else?'),
      nodeEnd('agent', { output: 'Let me think. It is four. Anything else?' }),
      runEnd(),
    ])

    expect(texts).toEqual(['Let me think. ', 'It is four.', ' Anything else?'])
  })

  test('is heard as soon as nobody below can be saying the same', async () => {
    const texts = await shown([
      ...agentOver(says('Four.'), passesOn('Four.'), passesOn(' Sure?')),
      modelEnd('model'),
      modelStart('next', 'agent'),
      { ...chunk('next', ' Sure? Yes.'), parentSpanId: 'agent' },
      modelEnd('next'),
      nodeEnd('agent'),
      runEnd(),
    ])

    expect(texts).toEqual(['Four.', ' Sure?', ' Sure? Yes.'])
  })

  test('is heard once although others speak in between', async () => {
    const texts = await shown([
      ...agentOver(passesOn('Well: '), says('It is '), says('four.')),
      modelEnd('model'),
      nodeStart('helper', 'agent', 'agent'),
      { ...nodeEnd('helper', { output: 'I helped.' }), parentSpanId: 'agent' },
      passesOn('It is four. Done.'),
      nodeEnd('agent', { output: 'Well: It is four. Done.' }),
      runEnd({ output: 'Well: It is four. Done.' }),
    ])

    expect(texts).toEqual(['Well: ', 'It is four.', 'I helped.', ' Done.'])
  })

  test('is heard once although its model never ends', async () => {
    const texts = await shown([
      ...agentOver(says('Four.'), passesOn('Four.'), passesOn(' Sure?')),
      nodeEnd('agent', { output: 'Four. Sure?' }),
      runEnd(),
    ])

    expect(texts).toEqual(['Four.', ' Sure?'])
  })

  test('is heard in its own words once it is too far behind to repeat anybody', async () => {
    const long = Array.from({ length: 40 }, (_, at) => `${at} `.repeat(150))

    const texts = await shown([
      ...agentOver(...long.map(says), passesOn('0 0 0 ')),
      modelEnd('model'),
      nodeEnd('agent'),
      runEnd(),
    ])

    expect(texts).toEqual([long.join(''), '0 0 0 '])
  })

  test('is heard in full when it says something else than its model', async () => {
    const texts = await shown([
      ...agentOver(says('It is four.'), passesOn('It '), passesOn('might be five.')),
      modelEnd('model'),
      nodeEnd('agent'),
      runEnd(),
    ])

    expect(texts).toEqual(['It is four.', 'It might be five.'])
  })
})

describe('what was not streamed', () => {
  test('is heard when it is returned, once, though model, agent and run return the same', async () => {
    const answer = [{ role: 'assistant', parts: [{ type: 'text', content: 'Four.' }] }]

    const texts = await shown([
      ...agentOver(modelEnd('model', { output: answer })),
      nodeEnd('agent', { output: 'Four.' }),
      runEnd({ output: { text: 'Four.' } }),
    ])

    expect(texts).toEqual(['Four.'])
  })

  test('is not heard when it is data', async () => {
    const texts = await shown([
      ...agentOver(modelEnd('model', { output: { topics: ['a'] } })),
      nodeEnd('agent', { output: [{ role: 'assistant', content: 'a' }, { id: 2 }] }),
      runEnd({ output: 4 }),
    ])

    expect(texts).toEqual([])
  })

  test('is not heard again as its shortened output', async () => {
    const texts = await shown([
      ...agentOver(says('a long answer'), modelEnd('model')),
      nodeEnd('agent', { output: 'a long...', truncated: ['/output'] }),
      runEnd(),
    ])

    expect(texts).toEqual(['a long answer'])
  })
})
