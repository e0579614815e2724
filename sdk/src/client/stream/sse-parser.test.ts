import { createParser } from 'eventsource-parser'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { ProtocolError } from '../errors.ts'
import { SseParser } from './sse-parser.ts'

function parsed(pieces: readonly string[], maxChars = 1000): unknown[] {
  const seen: unknown[] = []
  const parser = new SseParser(
    {
      message: (data, id, event) => seen.push({ data, id, event }),
      cursor: (id) => seen.push({ cursor: id }),
      comment: (text) => seen.push({ comment: text }),
      retry: (ms) => seen.push({ retry: ms }),
    },
    maxChars,
  )
  for (const piece of pieces) parser.push(piece)
  return seen
}

/** What the parser of the `eventsource` package makes of it, in our words: its ids do not last. */
function expected(pieces: readonly string[]): unknown[] {
  const seen: unknown[] = []
  let last: string | undefined
  const parser = createParser({
    onEvent: ({ data, id, event = '' }) => {
      last = id ?? last
      seen.push({ data, id: last, event })
    },
    onComment: (text) => seen.push({ comment: text }),
    onRetry: (ms) => seen.push({ retry: ms }),
  })
  for (const piece of pieces) parser.feed(piece)
  return seen
}

const lines = fc.constantFrom(
  ...['data: a', 'data:b', 'data:  c', 'data', 'data:', ': ping 1 2', ':', 'event: x', 'event'],
  ...['retry: 12', 'retry: 1x', 'unknown: 1', 'nonsense', '', '', 'data: ü€😀'],
)
// An id that stands alone is not told by the other parser, and it takes none without data along.
const messages = fc
  .tuple(fc.option(fc.constantFrom('id: 7', 'id:8', 'id: a\0b')), fc.array(lines))
  .map(([id, rest]) => (id === null ? rest : [id, 'data: with id', ...rest, '']))
const streams = fc
  .array(
    messages.chain((all) =>
      fc.tuple(...all.map((line) => fc.constantFrom('\r', '\n', '\r\n').map((end) => line + end))),
    ),
  )
  .map((all) => `${all.flat().join('')}: end\n`)

test('streams mean what the parser of the eventsource package says, wherever they are cut', () => {
  fc.assert(
    fc.property(streams, fc.array(fc.nat({ max: 200 }), { maxLength: 12 }), (text, at) => {
      const cuts = [0, ...at.filter((cut) => cut < text.length).sort((a, b) => a - b), text.length]
      const pieces = cuts.map((cut, i) => text.slice(cut, cuts[i + 1] ?? text.length))

      expect(parsed(pieces)).toEqual(expected([text]))
    }),
    { numRuns: 500 },
  )
})

test.each([
  ['an id alone moves the cursor', 'id: 4f.0\n\n', [{ cursor: '4f.0' }]],
  ['an id lasts', 'id: 1\ndata: a\n\ndata: b\n\n', [msg('a', '1'), msg('b', '1')]],
  [
    'an id with NUL is ignored',
    'id: 1\ndata: a\n\nid: 2\0\ndata: b\n\n',
    [msg('a', '1'), msg('b', '1')],
  ],
  ['what is not finished is dropped', 'data: a\n\ndata: b\n', [msg('a', undefined)]],
  ['lines of data are joined', 'data: a\ndata\ndata: b\n\n', [msg('a\n\nb', undefined)]],
])('%s', (_, text, seen) => {
  expect(parsed([text])).toEqual(seen)
})

test.each([
  ['in one line', ['data: ', 'x'.repeat(600), 'y'.repeat(600)]],
  ['in many', Array.from({ length: 30 }, () => `data: ${'x'.repeat(50)}\n`)],
])('a message that is too long is refused: %s', (_, pieces) => {
  expect(() => parsed(pieces)).toThrow(ProtocolError)
})

function msg(data: string, id: string | undefined): unknown {
  return { data, id, event: '' }
}
