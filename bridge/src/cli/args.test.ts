import { expect, test } from 'vitest'
import { readArgs } from './args.ts'
import type { Flag } from './command.ts'
import type { GivenFlags } from './given-flags.ts'

const FLAGS = [
  { name: 'upstream-url', alias: 'upstream', value: '<url>', doc: 'Where to.' },
  { name: 'insecure', doc: 'On or off.' },
]

function readFlags(args: readonly string[], flags: readonly Flag[]): GivenFlags {
  return readArgs(args, { flags })
}

test('the last of a flag that comes again wins, and a list has them all', () => {
  const given = readFlags(['--upstream-url', 'http://a', '--upstream-url=http://b'], FLAGS)

  expect(given.value('upstream-url')).toBe('http://b')
  expect(given.list('upstream-url')).toEqual(['http://a', 'http://b'])
})

test('a flag has its value under its second name too', () => {
  expect(readFlags(['--upstream', 'http://a'], FLAGS).value('upstream-url')).toBe('http://a')
})

test('a switch is on, off or not given', () => {
  const states = [['--insecure'], ['--no-insecure'], []].map((args) =>
    readFlags(args, FLAGS).switched('insecure'),
  )

  expect(states).toEqual([true, false, undefined])
})

test('only a switch can be turned off', () => {
  expect(() => readFlags(['--no-upstream'], FLAGS)).toThrow('Unknown flag --no-upstream')
})

test('operands are those that are expected, and what may be left out may', () => {
  const operands = [{ name: 'workflow' }, { name: 'json', optional: true }]
  const read = (...args: string[]): readonly string[] =>
    readArgs(args, { flags: FLAGS, operands }).operands

  expect(read('ask')).toEqual(['ask'])
  expect(read('ask', '--insecure', '{"a":1}')).toEqual(['ask', '{"a":1}'])
  expect(read('--', '-ask')).toEqual(['-ask'])
  expect(() => read()).toThrow('Expected workflow, got nothing.')
  expect(() => read('a', 'b', 'c')).toThrow("Expected nothing more than workflow json, got 'c'.")
})
