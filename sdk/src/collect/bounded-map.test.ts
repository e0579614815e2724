import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { BoundedMap } from './bounded-map.ts'

describe('a bounded map', () => {
  test('keeps the newest entries, at least as many as its capacity and at most twice as many', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 5 }), fc.array(fc.nat(12)), (capacity, keys) => {
        const map = new BoundedMap<number, number>(capacity)
        for (const [index, key] of keys.entries()) map.set(key, index)

        const newest = [...new Set([...keys].reverse())]
        for (const key of newest.slice(0, capacity))
          expect(map.get(key)).toBe(keys.lastIndexOf(key))
        expect(map.size).toBeLessThanOrEqual(2 * capacity + 1)
        for (const key of newest) expect([undefined, keys.lastIndexOf(key)]).toContain(map.get(key))
      }),
    )
  })

  test('keeps at most about twice the weight that it is given', () => {
    const map = new BoundedMap<number, string>(1000, 100)

    for (let key = 0; key < 500; key++) map.set(key, 'heavy', 40)

    expect(map.size).toBeLessThanOrEqual(6)
    expect(map.get(499)).toBe('heavy')
  })

  test('knows nothing of what was deleted', () => {
    const map = new BoundedMap<string, number>(1)
    for (const key of ['a', 'b', 'c']) map.set(key, 1)

    map.delete('b')
    map.delete('c')

    expect([map.get('b'), map.get('c')]).toEqual([undefined, undefined])
  })
})
