import { expect, test } from 'vitest'
import { bestSentences, type ScoredPassage } from './sentences.ts'

const passage = (section: string, score: number, ...blocks: string[]): ScoredPassage => ({
  path: 'parser/README.md',
  section,
  blocks,
  score,
})
const evenWeight = () => 1

test('the sentences about the topic are chosen, in reading order', () => {
  const passages = [
    passage(
      'limit',
      10,
      'Nothing to see in this one. The limit is the maximum size of a request body. A larger body is refused with an error.',
    ),
    passage('other', 1, 'Colours are chosen by the terminal that you use.'),
  ]

  const sentences = bestSentences('limit of the body size, larger bodies', passages, evenWeight, 2)

  expect(sentences).toEqual([
    {
      path: 'parser/README.md',
      section: 'limit',
      text: 'The limit is the maximum size of a request body.',
      continues: false,
    },
    {
      path: 'parser/README.md',
      section: 'limit',
      text: 'A larger body is refused with an error.',
      continues: true,
    },
  ])
})

test('what several sections say alike is said once', () => {
  const text = 'Controls the maximum size of the request body.'
  const passages = [passage('json', 10, text), passage('raw', 10, text), passage('text', 10, text)]

  expect(bestSentences('maximum body size', passages, evenWeight, 5)).toHaveLength(1)
})

test('announcements of code, bare links and fragments are not quoted', () => {
  const passages = [
    passage(
      'limit',
      10,
      'Set the limit of the body like this:',
      'https://example.com/limit-of-the-body',
      'limit body',
    ),
  ]

  expect(bestSentences('limit body', passages, evenWeight, 5)).toEqual([])
})

test('a topic without a telling word has no sentences', () => {
  expect(
    bestSentences(
      'what is it?',
      [passage('a', 1, 'It is what it is, and so it goes.')],
      evenWeight,
      5,
    ),
  ).toEqual([])
})
