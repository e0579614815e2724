import fc from 'fast-check'
import { expect, test } from 'vitest'
import { passagesOf, plainText } from './markdown.ts'

test('prose comes under the headings that stand above it', () => {
  const passages = passagesOf(
    '# Lib\n\nIt does things.\n\n## API\n\n### limit\n\nHow many\nat most.\n\n## End\n\nAll done here.',
  )

  expect(passages).toEqual([
    { headings: ['Lib'], blocks: ['It does things.'] },
    { headings: ['Lib', 'API', 'limit'], blocks: ['How many at most.'] },
    { headings: ['Lib', 'End'], blocks: ['All done here.'] },
  ])
})

test('underlined headings are headings', () => {
  expect(passagesOf('Lib\n===\n\nIt does things.')).toEqual([
    { headings: ['Lib'], blocks: ['It does things.'] },
  ])
})

test('badges, code, tables, comments and link targets are not prose', () => {
  const markdown = [
    '[![npm](https://img.shields.io/x.svg)](https://npm.im/x)',
    '<!-- a hidden note for us -->',
    '```js',
    'this is not prose at all',
    '```',
    '',
    '    nor is this indented code',
    '',
    '| a cell | another cell |',
    '[link]: https://example.com/some/where',
    '',
    'This one is prose.',
  ].join('\n')

  expect(passagesOf(markdown)).toEqual([{ headings: [], blocks: ['This one is prose.'] }])
})

test('every list item is a block of its own, with the lines that continue it', () => {
  const [passage] = passagesOf(
    '- The first one,\n  continued.\n- The second one.\n1. The third one.',
  )

  expect(passage?.blocks).toEqual([
    'The first one, continued.',
    'The second one.',
    'The third one.',
  ])
})

test.each([
  [
    'See [the `docs`](https://x.y/z_(a)) for **more** and _why_.',
    'See the `docs` for more and why.',
  ],
  [
    'Use <code>a&lt;b</code> with snake_case_names and 2 * 3 * 4',
    'Use a<b with snake_case_names and 2 * 3 * 4',
  ],
  ['![logo](x.png) Text \\* here', 'Text * here'],
])('inline markup is read as a person would: %s', (markdown, text) => {
  expect(plainText(markdown).replace(/\s+/g, ' ')).toBe(text)
})

test('any text gives passages of single-line blocks', () => {
  const line = fc.constantFrom(
    '# a heading',
    '```',
    '- an item here',
    'some words here',
    '',
    '===',
    '    code',
    '> quoted words',
  )
  fc.assert(
    fc.property(fc.array(fc.oneof(line, fc.string())), (lines) => {
      for (const { blocks } of passagesOf(lines.join('\n'))) {
        expect(blocks.length).toBeGreaterThan(0)
        for (const block of blocks) expect(block).not.toMatch(/\n/)
      }
    }),
  )
})

test('a comment that never ends hides nothing', () => {
  expect(passagesOf('One <!-- a --> two.\n\nThree <!-- four.')).toEqual([
    { headings: [], blocks: ['One two.', 'Three <!-- four.'] },
  ])
})

test.each(['[', '![', '<a ', '<http:', '<!--', '[a]('])(
  'a document full of %j is read in no time',
  (text) => {
    const startedAt = performance.now()

    passagesOf(text.repeat(20_000))

    expect(performance.now() - startedAt).toBeLessThan(2_000)
  },
)
