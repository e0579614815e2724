import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { clean, jsonLine, oneLine } from './clean.ts'
import { dollars, elapsed, tokens } from './figures.ts'
import { Flow } from './flow.ts'
import { Brush } from './screen.ts'
import { Voices } from './voices.ts'

describe('what agents say', () => {
  test.each([
    ['a title is not set', 'a\u001b]0;title\u0007b', 'ab'],
    ['a colour is not changed', '\u001b[31mred\u001b[0m', 'red'],
    ['nothing is erased', 'a\u001b[2J\u009b2Jb\u0008', 'ab'],
    ['no line is overwritten', 'one\rtwo', 'one\ntwo'],
    ['the direction of reading stays', 'user\u202egnp.exe\u2066', 'usergnp.exe'],
    ['half a character is replaced', 'a\ud83d', 'a\ufffd'],
    ['lines and tabs stay', 'a\n\tb', 'a\n\tb'],
  ])('cannot reach the terminal: %s', (_, text, shown) => {
    expect(clean(text)).toBe(shown)
  })

  test('never leaves a control character, whatever it is', () => {
    const nasty = fc.string({
      unit: fc.constantFrom(
        '\u001b',
        '[',
        ']',
        '0',
        ';',
        'm',
        '\u0007',
        '\u009d',
        '\u009c',
        'a',
        '\r',
      ),
    })
    fc.assert(
      fc.property(nasty, (text) => {
        expect(clean(text)).not.toMatch(/(?![\n\t])\p{Cc}/u)
      }),
    )
  })

  test('means the same in a record, and is no control character there either', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        const line = jsonLine({ text })

        expect(JSON.parse(line)).toEqual({ text })
        expect(line.slice(0, -1)).not.toMatch(/\p{Cc}|[\u2028\u2029\u202e]/u)
      }),
    )
  })

  test('is cut to the characters that a line has', () => {
    expect(oneLine('  one\n two ', 20)).toBe('one two')
    expect(oneLine('😀😀😀😀', 3)).toBe('😀😀…')
  })

  test('is shown in ASCII where nothing else can be', () => {
    const brush = new Brush({ colored: true, unicode: false, columns: undefined })

    expect(brush.paint('green', brush.fit('✔ 1→2 · ü'))).toBe('\u001b[32m+ 1->2 * ?\u001b[39m')
  })
})

describe('streamed text', () => {
  const flow = (width: number, ...pieces: readonly string[]): string => {
    const one = new Flow('| ', width)
    return pieces.map((piece) => one.push(piece)).join('') + one.end()
  }

  test('wraps between words, however they arrive', () => {
    expect(flow(11, 'The quick br', 'own fox ', 'jumps')).toBe(
      '| The quick\n| brown fox\n| jumps\n',
    )
  })

  test('keeps its lines and what they are indented by', () => {
    expect(flow(20, '\n\nfn {\n  a\n\n}\n')).toBe('| fn {\n|   a\n|\n| }\n')
  })

  test('loses and adds no word', () => {
    fc.assert(
      fc.property(fc.array(fc.string({ unit: fc.constantFrom('a', 'b', ' ', '\n') })), (pieces) => {
        const words = (text: string): string[] =>
          text.replace(/^\| ?/gm, '').split(/\s+/).filter(Boolean)

        expect(words(flow(8, ...pieces))).toEqual(words(pieces.join('')))
      }),
    )
  })
})

test('spans that speak at the same time do so line by line, by their names', () => {
  const voices = new Voices()
  const say = (name: string, words: string): string =>
    voices.speak({ spanId: name, name, margin: 4, width: 9 }, words)

  expect(
    [
      say('a', 'The quick '),
      say('b', 'One '),
      say('a', 'brown fox '),
      say('b', 'two three four '),
      say('a', 'jumps'),
      voices.pause(),
      say('a', ' over'),
      voices.end('a'),
      voices.end(),
    ].join(''),
  ).toBe(
    [
      'a   │ The quick',
      '    │ brown fox',
      'b   │ One two',
      '    │ three',
      'a   │ jumps',
      '    │ over',
      'b   │ four',
      '',
    ].join('\n'),
  )
})

test.each([
  [0.04, '0.0ms'],
  [840, '840ms'],
  [999.6, '1.00s'],
  [59_996, '1m 00s'],
  [185_000, '3m 05s'],
  [3_720_000, '1h 02m'],
])('%f ms read as %s', (ms, text) => {
  expect(elapsed(ms)).toBe(text)
})

test.each([
  [{ cost: 0.0061, unpricedCalls: 0 }, '$0.0061'],
  [{ cost: 0.0061, unpricedCalls: 1 }, '≥ $0.0061 (1 unpriced)'],
  [{ cost: null, unpricedCalls: 2 }, 'cost unknown'],
  [{ cost: 0.000012, unpricedCalls: 0 }, '$0.000012'],
  [{ cost: 0, unpricedCalls: 0 }, '$0.0000'],
  [{ cost: 1234.5, unpricedCalls: 0 }, '$1234.50'],
])('%j reads as %s', (given, text) => {
  expect(dollars(given)).toBe(text)
})

test('tokens are told in and out, or as the sum where that is all there is', () => {
  expect(tokens({ inputTokens: 1204, outputTokens: 318, totalTokens: 1522 })).toBe('1,204→318 tok')
  expect(tokens({ inputTokens: 0, outputTokens: 0, totalTokens: 7 })).toBe('7 tok')
})
