import { expect, test } from 'vitest'
import { redisMissing } from '../bridge/src/store/testing/redis-server.ts'
import { chaos } from './chaos/chaos.ts'

const LIMIT_MS = 240_000
const seed = Number(process.env.SPANCAST_CHAOS_SEED ?? Date.now() % 1_000_000)

if (redisMissing !== undefined) {
  process.stderr.write(`\n!!! ${redisMissing} Several bridges are NOT tested against crashes.\n\n`)
}

test.skipIf(redisMissing !== undefined)(
  `2,000 readers of 200 runs move between three bridges, one of which is killed, and Redis too: each is told everything once (SPANCAST_CHAOS_SEED=${seed})`,
  { timeout: LIMIT_MS + 60_000 },
  async () => {
    const { wrong, restarts, events, connects } = await chaos({
      seed,
      bridges: 3,
      runs: 200,
      readers: 2000,
      events: 10,
      limitMs: LIMIT_MS,
    })

    expect(wrong.slice(0, 10)).toEqual([])
    // What was acknowledged was on the disk: nobody has to begin anew.
    expect(restarts).toBe(0)
    expect(events).toBeGreaterThan(1000)
    expect(connects).toBeGreaterThan(2000)
  },
)
