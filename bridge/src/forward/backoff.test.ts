import { expect, test } from 'vitest'
import { Backoff } from './backoff.ts'

test('the longest wait doubles with each failure, up to the cap', () => {
  const backoff = new Backoff({ baseMs: 100, capMs: 1000, random: () => 0.5 })

  expect([1, 2, 3, 4, 5, 2000].map((failures) => backoff.delayMs(failures))).toEqual([
    50, 100, 200, 400, 500, 500,
  ])
})

test('jitter is full: any wait from none on', () => {
  expect(new Backoff({ baseMs: 100, capMs: 1000, random: () => 0 }).delayMs(9)).toBe(0)
})
