import { RedisServer } from '../../bridge/src/store/testing/redis-server.ts'
import { pause, pick, seeded } from './random.ts'
import { Reader, type ReaderReport } from './reader.ts'
import { Replica } from './replica.ts'
import { sendRun } from './sender.ts'

export interface ChaosOptions {
  readonly seed: number
  readonly bridges: number
  readonly runs: number
  readonly readers: number
  /** Events of each run, at most. */
  readonly events: number
  /** After which it has failed. */
  readonly limitMs: number
}

export interface ChaosReport {
  readonly seed: number
  readonly events: number
  readonly connects: number
  readonly restarts: number
  readonly ms: number
  /** What no reader should have seen. */
  readonly wrong: readonly string[]
}

/**
 * Runs and readers spread over several bridges on one Redis, while every reader moves from bridge to bridge, one bridge
 * is killed and started again, and Redis is killed and started again. All that happens by chance is decided by the seed.
 */
export async function chaos(options: ChaosOptions): Promise<ChaosReport> {
  const random = seeded(options.seed)
  const began = performance.now()
  const redis = await RedisServer.open({ persistent: true })
  const env = { SPANCAST_REDIS_URL: redis.url, SPANCAST_MAX_STREAMS_PER_CLIENT: '100000' }
  const replicas = await Promise.all(
    Array.from({ length: options.bridges }, () => Replica.open(env)),
  )
  const urls = replicas.map(({ url }) => url)
  const wrong: string[] = []
  try {
    const sizes = Array.from(
      { length: options.runs },
      () => 5 + Math.floor(random() * options.events),
    )
    const all = sizes.reduce((sum, size) => sum + size + 2, 0)
    let sent = 0
    const runs = sizes.map((events, at) => ({
      randomId: `chaos-${options.seed}-${at}-run`,
      events,
    }))
    const readers = Array.from({ length: options.readers }, (_, at) => {
      const run = runs[at % runs.length]
      if (run === undefined) throw new Error('There are no runs.')
      return new Reader({ ...run, urls, random: seeded(random() * 2 ** 32), stayMs: 4000 })
    })
    const sending = runs.map((run) =>
      sendRun({
        ...run,
        urls,
        random: seeded(random() * 2 ** 32),
        pauseMs: 1500,
        sent: () => {
          sent++
        },
      }),
    )
    const reports = Promise.all(readers.map((reader) => reader.run()))
    const everything = Promise.all([reports, ...sending]).then(([read]) => read)
    const troubles = (async () => {
      while (sent < all * (0.15 + random() * 0.1)) await pause(20)
      const victim = pick(replicas, random)
      await victim.kill()
      await victim.start()
      while (sent < all * 0.5) await pause(20)
      await redis.kill()
      await pause(random() * 500)
      await redis.start()
    })()
    const done = await inTime(Promise.all([everything, troubles]), options.limitMs)
    if (done === undefined) {
      wrong.push(`not over in ${options.limitMs} ms: ${sent} of ${all} events were taken`)
      const late = readers.filter(({ report }) => !report.over).map(({ place }) => place)
      wrong.push(`${late.length} readers were not told the end`, ...late.slice(0, 10))
      for (const url of urls) wrong.push(`${url}: ${await stateOf(url)}`)
    }
    const read: readonly ReaderReport[] = done?.[0] ?? readers.map(({ report }) => report)
    for (const report of read) wrong.push(...report.wrong)
    return {
      seed: options.seed,
      events: all,
      connects: read.reduce((sum, { connects }) => sum + connects, 0),
      restarts: read.reduce((sum, { restarts }) => sum + restarts, 0),
      ms: Math.round(performance.now() - began),
      wrong,
    }
  } finally {
    await Promise.all(replicas.map((replica) => replica.kill()))
    await redis.close()
  }
}

/** What a bridge says of the runs that go on. */
async function stateOf(url: string): Promise<string> {
  try {
    const signal = AbortSignal.timeout(5000)
    const response = await fetch(`${url}/api/agents?status=running&limit=5`, { signal })
    return (await response.text()).slice(0, 3000)
  } catch (error) {
    return String(error)
  }
}

async function inTime<T>(work: Promise<T>, ms: number): Promise<T | undefined> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<undefined>((resolve) => {
    timer = setTimeout(() => resolve(undefined), ms)
  })
  try {
    return await Promise.race([work, late])
  } finally {
    clearTimeout(timer)
  }
}
