import { expect, test } from 'vitest'
import { cameFromUs, viaAfter } from './via.ts'

test('a request that was passed on is recognised when it comes back', () => {
  expect(cameFromUs(viaAfter(undefined, 'one'), 'one')).toBe(true)
})

test('it is recognised over any number of others in between', () => {
  const via = viaAfter(
    viaAfter(viaAfter('1.0 fred, 1.1 p.example.net (Apache)', 'one'), 'two'),
    'three',
  )

  expect(via).toBe(
    '1.0 fred, 1.1 p.example.net (Apache), 1.1 spancast/one, 1.1 spancast/two, 1.1 spancast/three',
  )
  for (const id of ['one', 'two', 'three']) expect(cameFromUs(via, id)).toBe(true)
  expect(cameFromUs(via, 'four')).toBe(false)
})

test.each([undefined, '', '1.1 spancast', '1.1 spancast/ones', '1.1 xspancast/one', 'one'])(
  'what comes by way of others (%s) is none of ours',
  (via) => {
    expect(cameFromUs(via, 'one')).toBe(false)
  },
)

test('an entry without a protocol counts too', () => {
  expect(cameFromUs('spancast/one', 'one')).toBe(true)
})
