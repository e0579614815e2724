import { redisMissing } from './lib/redis.mjs'
import { pause, withBridges } from './lib/replicas.mjs'

const DEADLINE_MS = 600_000
const INDEX = ['runs', 'gone'].map((name) => `spancast:{index}:${name}`)

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
  const rememberMs = smoke ? 5000 : 30_000
  return await withBridges(2, { limits, rememberMs }, async ({ ports, sender, redis }) => {
    const finish = async (prefix, runs) => {
      await sender.ask('finish', { prefix, count: runs })
      await forgotten(redis, `http://127.0.0.1:${ports[0]}/api/agents/${prefix}-${runs - 1}-run`)
    }
    // Scripts and channels that stay are there before it is measured.
    await finish('bench-warm', 20)
    const before = await redis.bytes()
    let most = 0
    const watching = setInterval(async () => {
      most = Math.max(most, await redis.bytes())
    }, 200)
    await finish('bench-expiry', count)
    clearInterval(watching)
    const after = await redis.bytes()
    const scans = /cmdstat_(scan|keys):/.test(await redis.client.info('commandstats'))
    return [
      title,
      `${count} runs of 7 events, each kept for ${limits.retentionMs / 1000} s after its end and remembered for ${rememberMs / 1000} s more: Redis held ${mib(before)} before, ${mib(most)} at most, and ${mib(after)} when all was over${scans ? '' : ', without a scan'}.`,
    ].join('\n\n')
  })
}

/** Waits until the last run has come, all went, are forgotten, and nothing is left of them. */
async function forgotten(redis, last) {
  const deadline = performance.now() + DEADLINE_MS
  let came = false
  for (let keys = -1; ; await pause(500)) {
    came ||= (await fetch(last)).status !== 404
    const ids = (await Promise.all(INDEX.map((key) => redis.client.zCard(key)))).reduce(
      (sum, count) => sum + count,
    )
    const now = await redis.client.dbSize()
    if (came && ids === 0 && now === keys && now < 100) return
    keys = now
    if (performance.now() > deadline) throw new Error(`${ids} ids and ${now} keys are left`)
  }
}

function mib(bytes) {
  return `${(bytes / 1024 / 1024).toFixed(1)} MiB`
}
