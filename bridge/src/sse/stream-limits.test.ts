import { expect, test } from 'vitest'
import { StreamLimits } from './stream-limits.ts'

const tooMany = expect.objectContaining({ code: 'too-many-streams', retryAfterSeconds: 5 })

test('as many streams as the limit says are let in, and one more when one has left', () => {
  const limits = new StreamLimits(2, 10)
  const leave = limits.take('a')
  limits.take('b')

  expect(() => limits.take('c')).toThrow(tooMany)
  leave()
  leave()

  expect(limits.open).toBe(1)
  limits.take('c')
  expect(() => limits.take('d')).toThrow(tooMany)
})

test('one client is refused at its own limit while others are let in', () => {
  const limits = new StreamLimits(10, 2)
  limits.take('a')
  const leave = limits.take('a')

  expect(() => limits.take('a')).toThrow(tooMany)
  limits.take('b')
  leave()

  limits.take('a')
  expect(limits.open).toBe(3)
})
