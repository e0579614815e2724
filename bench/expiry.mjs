import { redisMissing } from './lib/redis.mjs'
import { pause, withBridges } from './lib/replicas.mjs'

const DEADLINE_MS = 600_000

/** What finished runs leave in Redis when their time is over. */
export async function benchExpiry({ smoke }) {
  const title = '### What runs leave in Redis'
  const missing = redisMissing()
  if (missing) return `${title}\n\nNot measured: ${missing}.`
  const count = smoke ? 100 : 10_000
  const limits = {
    retentionMs: smoke ? 2000 : 20_000,
    runIdleMs: 1000,
    runGraceMs: 100,
    maxRuns: 20_000,
  }
  return await withBridges(2, limits, async ({ sender, redis }) => {
    // Scripts and channels that stay are there before it is measured.
    await sender.ask('finish', { prefix: 'bench-warm', count: 20 })
    await gone(redis, 20)
    const before = await redis.bytes()
    let most = 0
    const watching = setInterval(async () => {
      most = Math.max(most, await redis.bytes())
    }, 200)
    await sender.ask('finish', { prefix: 'bench-expiry', count })
    await gone(redis, count + 20)
    clearInterval(watching)
    const after = await redis.bytes()
    const ids = await redis.client.memoryUsage('spancast:{index}:gone')
    const scans = /cmdstat_(scan|keys):/.test(await redis.client.info('commandstats'))
    return [
      title,
      `${count} runs of 7 events, each kept for ${limits.retentionMs / 1000} s after its end: Redis held ${mib(before)} before, ${mib(most)} at most, and ${mib(after)} when the last was gone, of which ${mib(ids)} are the ids that it remembers${scans ? '' : ', without a scan'}.`,
    ].join('\n\n')
  })
}

/** Waits until so many runs went, and nothing is left of them but their ids. */
async function gone(redis, count) {
  const deadline = performance.now() + DEADLINE_MS
  for (let keys = -1; ; await pause(500)) {
    const went = await redis.client.zCard('spancast:{index}:gone')
    const now = await redis.client.dbSize()
    if (went === count && now === keys && now < 100) return
    keys = now
    if (performance.now() > deadline)
      throw new Error(`${went} of ${count} runs went, ${now} keys are left`)
  }
}

function mib(bytes) {
  return `${(bytes / 1024 / 1024).toFixed(1)} MiB`
}
