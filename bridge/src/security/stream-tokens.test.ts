import { createRandomId } from '@spancast/sdk'
import fc from 'fast-check'
import { afterEach, expect, test, vi } from 'vitest'
import { StreamTokens } from './stream-tokens.ts'

afterEach(() => void vi.useRealTimers())

test('a token opens the run that it was made for, for an hour', () => {
  vi.useFakeTimers({ toFake: ['Date'] })
  const tokens = new StreamTokens('secret')
  const randomId = createRandomId()

  const { token, expiresAt } = tokens.mint(randomId)

  expect(expiresAt).toBe(Date.now() + 3_600_000)
  vi.setSystemTime(expiresAt - 1)
  expect(tokens.check(token, randomId)).toBe('valid')
  vi.setSystemTime(expiresAt)
  expect(tokens.check(token, randomId)).toBe('expired')
})

test('a token opens no other run', () => {
  const tokens = new StreamTokens('secret')
  const { token } = tokens.mint('run-of-ada')

  expect(tokens.check(token, 'run-of-bob')).toBe('invalid')
})

test('bridges with the same token take each other’s, others do not', () => {
  const { token } = new StreamTokens('secret').mint('run-of-ada')

  expect(new StreamTokens('secret').check(token, 'run-of-ada')).toBe('valid')
  expect(new StreamTokens('Secret').check(token, 'run-of-ada')).toBe('invalid')
  expect(new StreamTokens(undefined).check(token, 'run-of-ada')).toBe('invalid')
})

test('without a token each bridge has a key of its own', () => {
  const { token } = new StreamTokens(undefined).mint('run-of-ada')

  expect(new StreamTokens(undefined).check(token, 'run-of-ada')).toBe('invalid')
})

test('a token that was changed anywhere opens nothing', () => {
  const tokens = new StreamTokens('secret')
  const { token } = tokens.mint('run-of-ada', 1000)
  fc.assert(
    fc.property(fc.nat(token.length - 1), fc.string({ minLength: 1, maxLength: 2 }), (at, text) => {
      const changed = token.slice(0, at) + text + token.slice(at + 1)
      fc.pre(changed !== token)
      expect(tokens.check(changed, 'run-of-ada')).not.toBe('valid')
    }),
  )
})

test('any text is checked without harm', () => {
  const tokens = new StreamTokens('secret')
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) => {
      expect(tokens.check(text, 'run-of-ada')).toBe('invalid')
    }),
  )
})

test.each([0, -1, 1.5, Number.NaN, Number.POSITIVE_INFINITY, Number.MAX_SAFE_INTEGER])(
  'a token for %s ms is refused',
  (expiresInMs) => {
    expect(() => new StreamTokens('secret').mint('run-of-ada', expiresInMs)).toThrow('expiresInMs')
  },
)
