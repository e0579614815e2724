import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { parseCursor, requestCursor, startAfter } from './cursor.ts'

const BUFFER = { epoch: '4f1c', lastSeq: 20 }
const invalidSince = expect.objectContaining({ code: 'invalid-since' })

describe('a cursor', () => {
  test('is an id of a stream or a bare number', () => {
    expect(parseCursor('4f1c.17')).toEqual({ epoch: '4f1c', seq: 17 })
    expect(parseCursor('17')).toEqual({ epoch: undefined, seq: 17 })
    expect(parseCursor('0')).toEqual({ epoch: undefined, seq: 0 })
  })

  test.each([
    '',
    ' ',
    '-1',
    '1.5.2',
    '1e3',
    '4f1c.',
    '.4',
    'abc',
    '4f1c.x',
    '1 ',
    '9'.repeat(16),
    'a\n.1',
    '0x1',
  ])('is not %j', (text) => {
    expect(parseCursor(text)).toBeUndefined()
  })

  test('comes back as it was given', () => {
    fc.assert(
      fc.property(fc.stringMatching(/^[0-9a-f]{1,20}$/), fc.nat(), (epoch, seq) => {
        expect(parseCursor(`${epoch}.${seq}`)).toEqual({ epoch, seq })
      }),
    )
  })

  test('in Last-Event-ID wins over the query', () => {
    expect(requestCursor('4f1c.9', { since: '3' })).toEqual({ epoch: '4f1c', seq: 9 })
    expect(requestCursor(undefined, { since: '3', lastEventId: '5' })?.seq).toBe(3)
    expect(requestCursor(undefined, { lastEventId: '4f1c.5' })?.seq).toBe(5)
    expect(requestCursor(undefined, {})).toBeUndefined()
  })

  test('that is malformed is ignored in the header and refused in the query', () => {
    expect(requestCursor('nonsense', {})).toBeUndefined()
    expect(requestCursor('nonsense', { since: '3' })?.seq).toBe(3)
    for (const query of [
      { since: 'x' },
      { since: '' },
      { lastEventId: '-1' },
      { since: ['1', '2'] },
    ]) {
      expect(() => requestCursor('4f1c.9', query)).toThrow(invalidSince)
    }
  })

  test('of this buffer is where the stream goes on', () => {
    expect(startAfter(undefined, BUFFER)).toEqual({ after: 0, restarted: false })
    expect(startAfter({ epoch: '4f1c', seq: 20 }, BUFFER)).toEqual({ after: 20, restarted: false })
    expect(startAfter({ epoch: undefined, seq: 0 }, BUFFER)).toEqual({ after: 0, restarted: false })
  })

  test('of another buffer, or beyond the last event, starts it anew', () => {
    expect(startAfter({ epoch: '0000', seq: 5 }, BUFFER)).toEqual({ after: 0, restarted: true })
    expect(startAfter({ epoch: '4f1c', seq: 21 }, BUFFER)).toEqual({ after: 0, restarted: true })
    expect(startAfter({ epoch: undefined, seq: 21 }, BUFFER)).toEqual({ after: 0, restarted: true })
  })
})
