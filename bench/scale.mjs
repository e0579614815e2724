import { TOUCH } from '../bridge/dist/store/redis/index-scripts.js'
import { Keys } from '../bridge/dist/store/redis/keys.js'
import { median, range, table } from './lib/figures.mjs'
import { redisMissing, startRedis } from './lib/redis.mjs'
import { pause, withBridges } from './lib/replicas.mjs'

const GOAL_MS = 10
const FLOOD_RUNS = 64
const PER_REQUEST = 20
const LISTED = 10_000

/** What several bridges on one Redis carry, what that costs Redis, and how soon one streams what another has received. */
export async function benchScale({ rounds, smoke }) {
  const missing = redisMissing()
  if (missing) return `### Several bridges on one Redis\n\nNot measured: ${missing}.`
  const across = []
  for (let round = 0; round < rounds; round++) across.push(await crossing(smoke ? 20 : 200))
  const rows = []
  for (const replicas of [1, 2]) {
    for (const [runs, readers] of smoke
      ? [[4, 8]]
      : [
          [40, 400],
          [200, 2000],
        ]) {
      const taken = []
      for (let round = 0; round < rounds; round++) {
        taken.push(await load({ replicas, runs, readers, ms: smoke ? 500 : 5000 }))
      }
      rows.push(rowOf({ replicas, runs, readers }, taken))
    }
  }
  const floods = []
  for (const replicas of [1, 2]) {
    const taken = []
    for (let round = 0; round < rounds; round++) {
      taken.push(await flood({ replicas, ms: smoke ? 500 : 10_000 }))
    }
    floods.push(floodRow(replicas, taken))
  }
  const listed = []
  for (let round = 0; round < rounds; round++) listed.push(await listing(smoke ? 500 : 20_000))
  const p50s = across.map(({ p50 }) => p50)
  const p99s = across.map(({ p99 }) => p99)
  return [
    '### Several bridges on one Redis',
    `Received by one bridge over OTLP, streamed by another, idle: median ${median(p50s).toFixed(2)} ms (${range(p50s, 2)}), p99 ${median(p99s).toFixed(2)} ms (${range(p99s, 2)}) (goal for the median: ${GOAL_MS} ms).`,
    table(
      [
        'bridges',
        'runs',
        'readers',
        'events a second',
        'deliveries a second',
        'median age',
        'p99 age',
        'Redis: share of a core',
        'Redis: µs of CPU an event',
      ],
      rows,
    ),
    `As fast as it is taken, ${FLOOD_RUNS} runs with one reader each, ${PER_REQUEST} events a request:`,
    table(
      [
        'bridges',
        'events a second',
        'deliveries a second',
        'Redis: share of a core',
        'Redis: µs of CPU an event',
        'bridges: share of a core, each',
        'bridges: µs of CPU an event',
      ],
      floods,
    ),
    `Of that, to say in the list of all runs how one of ${LISTED} is, which a run that goes on does at most four times a second: ${median(listed).toFixed(0)} µs of Redis (${range(listed, 0)}).`,
  ].join('\n\n')
}

function rowOf({ replicas, runs, readers }, taken) {
  const of = (name) => median(taken.map((one) => one[name]))
  return [
    replicas,
    runs,
    readers,
    of('eventsPerSecond').toFixed(0),
    `${of('perSecond').toFixed(0)} (${range(
      taken.map(({ perSecond }) => perSecond),
      0,
    )})`,
    `${of('p50').toFixed(1)} ms`,
    `${of('p99').toFixed(1)} ms`,
    percent(of('redisShare')),
    of('redisMicros').toFixed(0),
  ]
}

function floodRow(replicas, taken) {
  const of = (name) => median(taken.map((one) => one[name]))
  const rates = taken.map(({ eventsPerSecond }) => eventsPerSecond)
  return [
    replicas,
    `${of('eventsPerSecond').toFixed(0)} (${range(rates, 0)})`,
    of('perSecond').toFixed(0),
    percent(of('redisShare')),
    of('redisMicros').toFixed(0),
    percent(of('bridgeShare')),
    of('bridgeMicros').toFixed(0),
  ]
}

function percent(share) {
  return `${(share * 100).toFixed(0)} %`
}

/** Events go to one bridge, one at a time; the reader is at the other. */
async function crossing(samples) {
  return await withBridges(2, {}, async ({ ports, sender, readers }) => {
    const run = 'bench-crossing'
    await sender.ask('begin', { runs: [run] })
    await readers.ask('connect', {
      port: ports[1],
      paths: [`/api/agents/${run}/stream`],
      readers: 1,
    })
    await sender.ask('trickle', { run, port: ports[0], samples: 20, everyMs: 10 })
    const measured = readers.ask('measure', { warmMs: 0, ms: samples * 25, withAges: true })
    await sender.ask('trickle', { run, port: ports[0], samples, everyMs: 15 })
    return measured
  })
}

/** Events of many runs go to all bridges in turn, readers of all runs are at all bridges. */
async function load({ replicas, runs, readers: count, ms }) {
  return await withBridges(replicas, {}, async ({ ports, sender, readers, redis }) => {
    const ids = Array.from({ length: runs }, (_, at) => `bench-load-${at}`)
    await sender.ask('begin', { runs: ids })
    const paths = ids.map((id) => `/api/agents/${id}/stream`)
    for (const port of ports) {
      // The worker keeps the readers of its last connect: one worker for each bridge.
      const worker = readers.at(ports.indexOf(port))
      await worker.ask('connect', { port, paths, readers: count / ports.length })
    }
    const offered = { runs: ids, perSecond: 1000, perRequest: 5 }
    const sending = sender.ask('load', { ...offered, ms: ms * 1.6 })
    const cpu = await redis.cpuSeconds()
    const started = performance.now()
    const measured = await Promise.all(
      ports.map((_, at) => readers.at(at).ask('measure', { warmMs: ms * 0.3, ms, withAges: true })),
    )
    const seconds = (performance.now() - started) / 1000
    const used = (await redis.cpuSeconds()) - cpu
    const { events } = await sending
    const eventsPerSecond = (events * 1000) / (ms * 1.6)
    return {
      eventsPerSecond,
      perSecond: measured.reduce((sum, { perSecond }) => sum + perSecond, 0),
      p50: median(measured.map(({ p50 }) => p50)),
      p99: Math.max(...measured.map(({ p99 }) => p99)),
      redisShare: used / seconds,
      redisMicros: (used / seconds / eventsPerSecond) * 1e6,
    }
  })
}

/** Senders wait for nothing but answers: what is full first, a bridge or Redis, is full then. */
async function flood({ replicas, ms }) {
  return await withBridges(replicas, {}, async ({ ports, bridges, sender, readers, redis }) => {
    const ids = Array.from({ length: FLOOD_RUNS }, (_, at) => `bench-flood-${at}`)
    await sender.ask('begin', { runs: ids })
    for (const [at, port] of ports.entries()) {
      const own = ids.filter((_, index) => index % ports.length === at)
      const paths = own.map((id) => `/api/agents/${id}/stream`)
      await readers.at(at).ask('connect', { port, paths, readers: own.length })
    }
    const cpu = async () => {
      const used = await Promise.all(bridges.map((bridge) => bridge.ask('cpu')))
      const seconds = used.reduce((sum, { cpuSeconds }) => sum + cpuSeconds, 0)
      return { redis: await redis.cpuSeconds(), bridges: seconds, at: performance.now() }
    }
    const warmMs = ms * 0.3
    const sending = sender.ask('flood', { runs: ids, perRequest: PER_REQUEST, warmMs, ms })
    const measuring = ports.map((_, at) => readers.at(at).ask('measure', { warmMs, ms }))
    await pause(warmMs)
    const before = await cpu()
    const measured = await Promise.all(measuring)
    const after = await cpu()
    const { eventsPerSecond } = await sending
    const seconds = (after.at - before.at) / 1000
    const redisShare = (after.redis - before.redis) / seconds
    const bridgeShare = (after.bridges - before.bridges) / seconds
    return {
      eventsPerSecond,
      perSecond: measured.reduce((sum, { perSecond }) => sum + perSecond, 0),
      redisShare,
      redisMicros: (redisShare / eventsPerSecond) * 1e6,
      bridgeShare: bridgeShare / bridges.length,
      bridgeMicros: (bridgeShare / eventsPerSecond) * 1e6,
    }
  })
}

/** Microseconds of Redis for one change of the list, which has one shard of a cluster to itself. */
async function listing(changes) {
  const redis = await startRedis()
  try {
    const keys = [...new Keys('spancast').index()]
    const touch = (at, begins) => {
      const args = [`run-${at % LISTED}`, begins, Date.now(), 5000, 0, 2 * LISTED, 2 ** 40]
      return redis.client.eval(TOUCH.source, { keys, arguments: args.map(String) })
    }
    const all = async (count, begins) => {
      for (let from = 0; from < count; from += 500) {
        await Promise.all(Array.from({ length: 500 }, (_, at) => touch(from + at, begins)))
      }
    }
    await all(LISTED, 1)
    const before = await redis.cpuSeconds()
    await all(changes, 0)
    return (((await redis.cpuSeconds()) - before) / changes) * 1e6
  } finally {
    await redis.stop()
  }
}
