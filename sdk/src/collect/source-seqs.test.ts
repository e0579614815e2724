import fc from 'fast-check'
import { expect, test } from 'vitest'
import { SourceSeqs } from './source-seqs.ts'

test('each number counts once, and the holes below the highest are known', () => {
  const steps = fc.array(
    fc.tuple(fc.constantFrom('take', 'reached'), fc.integer({ min: 1, max: 30 })),
  )
  fc.assert(
    fc.property(steps, (taken) => {
      const seqs = new SourceSeqs()
      const came = new Set<number>()
      let highest = 0
      for (const [step, seq] of taken) {
        highest = Math.max(highest, seq)
        if (step === 'take') {
          expect(seqs.take(seq)).toBe(!came.has(seq))
          came.add(seq)
        } else seqs.reached(seq)

        expect(seqs.missing).toBe(highest - came.size)
      }
    }),
  )
})

test('of a source that leaves thousands of holes no more is kept, and no more is missed', () => {
  const seqs = new SourceSeqs()

  for (let seq = 2; seq <= 20_002; seq += 2) seqs.take(seq)

  expect(seqs.missing).toBe(0)
  expect(seqs.take(3)).toBe(false)
  expect(seqs.take(20_004)).toBe(true)
  expect(seqs.missing).toBe(1)
})
