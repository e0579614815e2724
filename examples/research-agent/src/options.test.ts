import { expect, test } from 'vitest'
import { DEFAULT_QUESTION, optionsFrom } from './options.ts'

test('without options it asks a question of its own on port 4319', () => {
  expect(optionsFrom([], {})).toEqual({
    question: DEFAULT_QUESTION,
    port: 4319,
    folder: undefined,
    once: false,
    help: false,
  })
})

test('words without quotes are one question, and a folder counts from where the user is', () => {
  const options = optionsFrom(['what', 'is', 'qs?', '--folder', 'docs', '--once'], {
    INIT_CWD: '/home/me',
  })

  expect(options).toMatchObject({ question: 'what is qs?', folder: '/home/me/docs', once: true })
})

test('--port wins over SPANCAST_PORT', () => {
  expect(optionsFrom([], { SPANCAST_PORT: '5000' }).port).toBe(5000)
  expect(optionsFrom(['--port', '0'], { SPANCAST_PORT: '5000' }).port).toBe(0)
})

test.each(['70000', '-1', 'web', '1.5', ''])(
  'the port %j is refused with what is expected',
  (port) => {
    expect(() => optionsFrom([`--port=${port}`], {})).toThrow('from 0 to 65535')
  },
)

test('an unknown option is refused', () => {
  expect(() => optionsFrom(['--colour'], {})).toThrow("Unknown option '--colour'")
})
