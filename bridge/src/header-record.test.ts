import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { headersFrom, isHeaderRecord } from './header-record.ts'

describe('headers in a text', () => {
  test('are those that were written, whatever their values', () => {
    const name = fc.stringMatching(/^x-[a-z]{1,8}$/)
    const value = fc.string({ unit: 'binary-ascii' })
    fc.assert(
      fc.property(fc.dictionary(name, value), (headers) => {
        const items = Object.entries(headers).map(
          ([key, text]) => `${key}=${encodeURIComponent(text)}`,
        )

        expect(headersFrom(items.join(','))).toEqual({ ...headers })
      }),
    )
  })

  test.each([
    ['authorization=Bearer%20a%3Db', { authorization: 'Bearer a=b' }],
    [' a = 1 , b=x=y ,', { a: '1', b: 'x=y' }],
    ['a=', { a: '' }],
  ])('%s', (text, headers) => {
    expect(headersFrom(text)).toEqual(headers)
  })

  test.each(['authorization', '=x', 'a=1,b', 'a=%zz'])('are none in %s', (text) => {
    expect(isHeaderRecord(headersFrom(text))).toBe(false)
  })
})

test.each([
  ['a name that is none', { 'a b': '1' }],
  ['a line break', { a: 'x\r\nHost: y' }],
  ['what a request says of itself', { 'Content-Type': 'text/plain' }],
  ['its way', { VIA: '1.1 x' }],
  ['no text', { a: 1 }],
  ['a list', ['a']],
])('headers with %s are refused', (_, headers) => {
  expect(isHeaderRecord(headers)).toBe(false)
})
