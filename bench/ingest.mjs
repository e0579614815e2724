import { findCollector } from './collector.mjs'
import { startActor } from './lib/actor.mjs'
import { median, range, table } from './lib/figures.mjs'

const SCENARIOS = [
  { title: '512 spans a request in traces of 16, 1 in 20 of agents', agenticEvery: 20 },
  { title: '512 spans a request in traces of 16, all of agents', agenticEvery: 1 },
  {
    title: 'the same, while somebody follows the list of all runs',
    agenticEvery: 1,
    followed: true,
  },
]

// By then what is compiled is compiled, however little of the machine is left for it.
const WARM_REQUESTS = 2000

/**
 * Spans that a bridge takes, keeps as runs and passes on, in a second of one core; and those that an OpenTelemetry
 * Collector takes and passes on, on the same core between the same two. Runs that nobody looks at are never folded,
 * as most are not; while somebody follows the list each is.
 */
export async function benchIngest({ rounds, smoke }) {
  const ms = smoke ? 200 : 4000
  const { binary, missing } = findCollector({ build: !smoke })
  const takers = [{ name: 'bridge', file: 'ingest-bridge.mjs', config: {} }]
  if (binary) takers.push({ name: 'Collector', file: 'collector.mjs', config: { binary } })
  const rows = []
  for (const { title, ...scenario } of SCENARIOS) {
    // A Collector has nothing to follow.
    const compared = scenario.followed ? takers.slice(0, 1) : takers
    const taken = compared.map(() => [])
    for (let round = 0; round < rounds; round++) {
      for (const [at, taker] of compared.entries()) {
        taken[at].push(await measure(taker, { ...scenario, ms, warm: smoke ? 0 : WARM_REQUESTS }))
      }
    }
    for (const [at, { name }] of compared.entries()) {
      const perCpu = taken[at].map(({ perCpuSecond }) => perCpuSecond)
      const wall = median(taken[at].map(({ perSecond }) => perSecond))
      const perCore = `${median(perCpu).toFixed(0)} (${range(perCpu, 0)})`
      rows.push([title, name, wall.toFixed(0), perCore])
    }
    if (missing && !scenario.followed) rows.push([title, missing, '–', '–'])
  }
  return [
    '### OTLP in, live events out, and passed on',
    table(
      ['protobuf over HTTP', 'taker', 'spans a second', 'spans a second of one core (range)'],
      rows,
    ),
  ].join('\n\n')
}

async function measure({ name, file, config }, { agenticEvery, followed, ms, warm }) {
  const senders = await startActor('ingest-senders.mjs', { spans: 512, agenticEvery }, 1)
  const { upstreamUrl } = senders.hello
  const taker = await startActor(file, { ...config, upstreamUrl }, 0)
  const { port } = taker.hello
  const leaving = new AbortController()
  if (followed) void follow(port, leaving.signal)
  try {
    await senders.ask('send', { port, ms: ms / 4, least: warm })
    const before = await taker.ask('usage')
    const { perSecond, refused } = await senders.ask('send', { port, ms })
    const after = await taker.ask('usage')
    if (refused > 0) throw new Error(`the ${name} refused ${refused} requests`)
    const spans = (perSecond * ms) / 1000
    return { perSecond, perCpuSecond: spans / (after.cpuSeconds - before.cpuSeconds) }
  } finally {
    leaving.abort()
    await Promise.all([senders.stop(), taker.stop()])
  }
}

/** Reads the list of all runs, and its changes, until `signal` fires. */
async function follow(port, signal) {
  try {
    const { body } = await fetch(`http://127.0.0.1:${port}/api/agents/stream`, { signal })
    for await (const _ of body ?? []) {
      // Read is all that it is to be.
    }
  } catch (error) {
    if (!signal.aborted) throw error
  }
}
