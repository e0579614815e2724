import fc from 'fast-check'
import { expect, test } from 'vitest'
import { MAX_RETRY_AFTER_MS, retryAfterMs } from './retry-after.ts'

const NOW = Date.UTC(2026, 10, 20, 12, 0, 0)

test.each([
  ['0', 0],
  ['7', 7000],
  [' 7 ', 7000],
  ['Fri, 20 Nov 2026 12:00:09 GMT', 9000],
  ['Friday, 20-Nov-26 12:00:09 GMT', 9000],
  ['Fri Nov 20 12:00:09 2026', 9000],
  ['Fri, 20 Nov 2026 11:00:00 GMT', 0],
])('%s is a time to wait', (header, expected) => {
  expect(retryAfterMs(header, NOW)).toBe(expected)
})

test.each([
  undefined,
  '',
  '-1',
  '1.5',
  'soon',
  '7 apples',
  'Fri, 99 Nov 2026 12:00:09 GMT',
  'Infinity',
])('%s says nothing', (header) => {
  expect(retryAfterMs(header, NOW)).toBeUndefined()
})

test.each(['3600', '9'.repeat(400), 'Fri, 20 Nov 2099 12:00:00 GMT'])(
  'no upstream is believed for more than a minute: %s',
  (header) => {
    expect(retryAfterMs(header, NOW)).toBe(MAX_RETRY_AFTER_MS)
  },
)

test('whatever stands in the header, the wait is bounded', () => {
  fc.assert(
    fc.property(fc.string(), (header) => {
      const wait = retryAfterMs(header, NOW) ?? 0

      expect(wait).toBeGreaterThanOrEqual(0)
      expect(wait).toBeLessThanOrEqual(MAX_RETRY_AFTER_MS)
    }),
  )
})
