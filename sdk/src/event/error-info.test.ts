import { describe, expect, test } from 'vitest'
import { infoOf } from './error-info.ts'

describe('an error told in parts', () => {
  test('has its message, its type and its stack apart, though its library has joined them', () => {
    const stack = 'TypeError: two\n\nlines\n    at f (file.js:1:2)'

    expect(infoOf(undefined, `two\n\nlines\n\n${stack}`, undefined)).toEqual({
      type: 'TypeError',
      message: 'two\n\nlines',
      stack,
    })
  })

  test.each([
    ["ValueError('no such page')", 'ValueError', 'no such page'],
    ['KeyError("it\'s gone",)', 'KeyError', "it's gone"],
    ["httpx.ReadTimeout('')", 'httpx.ReadTimeout', 'httpx.ReadTimeout'],
  ])(
    'has them apart of what Python shows as %s, with a traceback right after',
    (shown, type, message) => {
      const stack = 'Traceback (most recent call last):\n  File "a.py", line 1, in <module>\n'

      expect(infoOf('Exception', shown + stack, undefined)).toEqual({ type, message, stack })
    },
  )

  test.each([
    'a message\n\nwith an empty line',
    'it says\n\nError: another thing\n    at f (file.js:1:2)',
    '\n    at f (file.js:1:2)',
    'it says: Traceback (most recent call last):\n',
    `${'\n\n'.repeat(50_000)}Error: \n    at f`,
  ])('is told as it came where no stack follows the message', (message) => {
    expect(infoOf('Failure', message, undefined).stack).toBeUndefined()
  })

  test('has the type that its text begins with, where nothing else tells it', () => {
    const told = { type: 'TypeError', message: 'no city' }

    expect(infoOf(undefined, 'TypeError: no city', undefined)).toEqual(told)
    expect(infoOf('Error', 'Error: TypeError: no city', undefined)).toEqual(told)
    expect(infoOf('ToolError', 'TypeError: no city', undefined).type).toBe('ToolError')
    expect(infoOf('Error', 'Error: ', undefined).message).toBe('Error: ')
  })
})
