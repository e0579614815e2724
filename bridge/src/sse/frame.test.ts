import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  commentFrame,
  cursorFrame,
  dataFrame,
  eventFrame,
  recordFrame,
  retryFrame,
} from './frame.ts'
import { type Message, parseStream } from './testing/parse-stream.ts'

const hostile = fc.string({
  unit: fc.constantFrom(
    '\r',
    '\n',
    '\0',
    '\u2028',
    '\u2029',
    '\u0085',
    ':',
    ' ',
    'data',
    'id',
    'a',
    '"',
    '\ud800',
    'é',
  ),
})
const afterJson = (value: unknown): unknown => JSON.parse(JSON.stringify(value))

/** What a reader would see if the frame stood between two others. */
function seen(frame: string): Message[] {
  const before = eventFrame('first', 1, '"before"')
  const after = eventFrame('last', 9, '"after"')
  const messages = parseStream(Buffer.from(before + frame + after).toString())
  expect(messages.at(0)).toEqual({ id: 'first.1', event: 'message', data: '"before"' })
  expect(messages.at(-1)).toEqual({ id: 'last.9', event: 'message', data: '"after"' })
  return messages.slice(1, -1)
}

describe('an SSE frame', () => {
  test('reads as the id, the event and nothing else', () => {
    expect(eventFrame('4f1c', 17, '{"a":1}')).toBe('id: 4f1c.17\ndata: {"a":1}\n\n')
    expect(dataFrame('{}')).toBe('data: {}\n\n')
    expect(cursorFrame('4f1c.0')).toBe('id: 4f1c.0\n\n')
    expect(commentFrame('ping 1 2')).toBe(': ping 1 2\n\n')
    expect(retryFrame(1234.6)).toBe('retry: 1235\n\n')
  })

  test('carries any event as one message, whatever it holds', () => {
    fc.assert(
      fc.property(
        fc.oneof(hostile, fc.string({ unit: 'binary' })),
        fc.anything(),
        (text, value) => {
          const event = { text, [text]: [text], value: JSON.stringify(value) ?? null }

          const messages = seen(eventFrame('4f1c', 2, JSON.stringify(event)))

          expect(messages).toHaveLength(1)
          expect(messages[0]?.id).toBe('4f1c.2')
          expect(JSON.parse(messages[0]?.data ?? '')).toEqual(afterJson(event))
        },
      ),
    )
  })

  test('cannot be forged by text that is not even JSON', () => {
    fc.assert(
      fc.property(hostile, (text) => {
        const messages = seen(eventFrame('4f1c', 2, text))

        expect(messages).toHaveLength(1)
        expect(messages[0]?.id).toBe('4f1c.2')
        expect(messages[0]?.event).toBe('message')
      }),
    )
  })

  test('with a line break in its JSON reads as the same JSON', () => {
    const [message] = seen(eventFrame('4f1c', 2, '{\r\n "a": 1,\r "b": 2\n}'))

    expect(JSON.parse(message?.data ?? '')).toEqual({ a: 1, b: 2 })
  })

  test('cannot be forged by an epoch, an id or a comment', () => {
    fc.assert(
      fc.property(hostile, (text) => {
        expect(seen(eventFrame(text, 2, '{}'))).toHaveLength(1)
        expect(seen(recordFrame({ type: 'stream.gap', reason: 'restarted' }, text))).toHaveLength(1)
        expect(seen(cursorFrame(text))).toHaveLength(0)
        expect(seen(commentFrame(text))).toHaveLength(0)
      }),
    )
  })

  test('without an id leaves the cursor where it was', () => {
    const frame = recordFrame({ type: 'stream.end', reason: 'completed', lastSeq: 3 })

    expect(seen(frame)).toEqual([
      {
        id: 'first.1',
        event: 'message',
        data: '{"type":"stream.end","reason":"completed","lastSeq":3}',
      },
    ])
  })
})
