import { expect, test } from 'vitest'
import { readFlags } from './args.ts'

const FLAGS = [
  { name: 'upstream-url', alias: 'upstream', value: '<url>', doc: 'Where to.' },
  { name: 'insecure', doc: 'On or off.' },
]

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
