import fc from 'fast-check'
import { expect, test } from 'vitest'
import { MalformedBody } from './malformed-body.ts'
import { isNone, msBetween, msOf, timeOfBits, timeOfJson } from './nano-time.ts'

const nanos = fc.bigInt({ min: 0n, max: 2n ** 64n - 1n })
const bits = (time: bigint) => timeOfBits(Number(time & 0xffff_ffffn), Number(time >> 32n))

test('64 bits are the seconds and nanoseconds that they say', () => {
  fc.assert(
    fc.property(nanos, (time) => {
      const expected = { seconds: Number(time / 10n ** 9n), nanos: Number(time % 10n ** 9n) }

      expect(bits(time)).toEqual(expected)
      expect(timeOfJson(String(time))).toEqual(expected)
    }),
  )
})

test('a duration is exact to the nanosecond', () => {
  fc.assert(
    fc.property(
      fc.bigInt({ min: 1n, max: 2n ** 62n }),
      fc.integer({ min: 0, max: 2 ** 31 }),
      (start, ns) => {
        const ms = msBetween(bits(start), bits(start + BigInt(ns)))

        expect(Math.round(ms * 1e6)).toBe(ns)
      },
    ),
  )
})

test('an end before the start, and a time that is none, give no duration', () => {
  expect(msBetween(bits(2n), bits(1n))).toBe(0)
  expect(msBetween(bits(0n), bits(1n))).toBe(0)
  expect(msBetween(bits(1n), bits(0n))).toBe(0)
})

test('milliseconds are fractional', () => {
  expect(msOf(bits(1_500_000n))).toBe(1.5)
})

test('no time is none', () => {
  expect(isNone(timeOfJson(undefined))).toBe(true)
  expect(isNone(timeOfJson('0'))).toBe(true)
})

test.each([
  ['-1'],
  ['1.5'],
  ['1e3'],
  [''],
  [-1],
  [1.5],
  [2 ** 64],
  ['18446744073709551616'],
  [true],
  [{}],
])('a time of %j is malformed', (value) => {
  expect(() => timeOfJson(value)).toThrow(MalformedBody)
})
