import { gzipSync } from 'node:zlib'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { BodyRefused } from './body-refused.ts'
import { ByteBudget } from './byte-budget.ts'
import { inflate } from './inflate.ts'
import { brokenBody, FUZZ_RUNS } from './testing/mutate.ts'

const MAX_BYTES = 2 * 1024 * 1024

test('whatever is wrong with gzip, it is inflated within the limit or refused', async () => {
  const bodies = [
    gzipSync('hello'),
    gzipSync(Buffer.alloc(4 * MAX_BYTES)),
    gzipSync(Buffer.alloc(MAX_BYTES, 'some text ')),
    Buffer.concat([gzipSync('one'), gzipSync('two')]),
  ]

  await fc.assert(
    fc.asyncProperty(brokenBody(bodies), async (body) => {
      const budget = new ByteBudget(MAX_BYTES)
      try {
        const inflated = await inflate(body, { maxBytes: MAX_BYTES, share: budget.share() })
        expect(inflated.length).toBe(budget.used)
      } catch (error) {
        expect(error).toBeInstanceOf(BodyRefused)
      }
    }),
    { numRuns: Math.ceil(FUZZ_RUNS / 10) },
  )
}, 600_000)
