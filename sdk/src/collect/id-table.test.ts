import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { IdTable } from './id-table.ts'

const KEY_WORDS = 2
const row = (key: number, value: number): Uint32Array => Uint32Array.of(key, 7, value)

/** The value at the key; `undefined` if there is none. */
function valueAt(table: IdTable, key: number): number | undefined {
  const words = row(key, 0)
  return table.get(words, 0) ? words[KEY_WORDS] : undefined
}

describe('a table of ids', () => {
  test('keeps the newest rows, at least as many as its capacity and at most twice as many', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 5 }), fc.array(fc.nat(12)), (capacity, keys) => {
        const table = new IdTable(KEY_WORDS, 3, capacity)
        for (const [index, key] of keys.entries()) table.set(row(key, index), 0)

        for (const key of keys.slice(-capacity)) {
          expect(valueAt(table, key)).toBe(keys.lastIndexOf(key))
        }
        expect(table.size).toBeLessThanOrEqual(2 * capacity + 1)
        for (const key of new Set(keys)) {
          expect([undefined, keys.lastIndexOf(key)]).toContain(valueAt(table, key))
        }
      }),
    )
  })

  test('finds each of many rows as it grows, and nothing else', () => {
    const table = new IdTable(KEY_WORDS, 3, 100_000)
    for (let key = 0; key < 50_000; key++) table.set(row(key * 2, key), 0)

    for (let key = 0; key < 50_000; key++) {
      if (valueAt(table, key * 2) !== key) expect(valueAt(table, key * 2)).toBe(key)
    }
    expect(valueAt(table, 1)).toBeUndefined()
    expect(table.size).toBe(50_000)
  })

  test('reads and writes a row wherever it stands among others', () => {
    const table = new IdTable(KEY_WORDS, 3, 10)
    table.set(Uint32Array.of(0, 0, 0, 4, 5, 6), 3)

    const words = Uint32Array.of(9, 4, 5, 0)

    expect(table.get(words, 1)).toBe(true)
    expect([...words]).toEqual([9, 4, 5, 6])
  })
})
