import { expect, test } from 'vitest'
import { createSearchIndex } from './search.ts'

const index = createSearchIndex([
  {
    path: 'parser/README.md',
    text: '# parser\n\nParses request bodies.\n\n## Options\n\n### limit\n\nThe maximum size of a body.',
  },
  { path: 'zipper/README.md', text: '# zipper\n\nCompresses responses on the way out.' },
  { path: 'painter/README.md', text: '# painter\n\nPaints responses in colours.' },
])

test('the passage that answers comes first, with its place', () => {
  expect(index.search('What is the limit of the parser?', 5)[0]).toMatchObject({
    path: 'parser/README.md',
    section: 'parser › Options › limit',
    excerpt: 'The maximum size of a body.',
  })
})

test('words are found in other forms, misspelt and unfinished', () => {
  expect(index.search('compressing', 1)[0]?.path).toBe('zipper/README.md')
  expect(index.search('compresess', 1)[0]?.path).toBe('zipper/README.md')
  expect(index.search('compr', 1)[0]?.path).toBe('zipper/README.md')
})

test('a query of words that say nothing finds nothing', () => {
  expect(index.search('what is the', 5)).toEqual([])
  expect(index.search('', 5)).toEqual([])
})

test('no more than the limit comes back', () => {
  expect(index.search('responses', 1)).toHaveLength(1)
})

test('a rare term tells more than a common one', () => {
  expect(index.weightOf('colour')).toBeGreaterThan(index.weightOf('respons'))
})
