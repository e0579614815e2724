import { startActor } from './lib/actor.mjs'
import { median, range, table } from './lib/figures.mjs'

const SCENARIOS = [
  { title: '512 spans a request in traces of 16, 1 in 20 of agents', agenticEvery: 20 },
  { title: '512 spans a request in traces of 16, all of agents', agenticEvery: 1 },
]

/** Spans that a bridge takes, folds into runs and passes on, in a second of one core. */
export async function benchIngest({ rounds, smoke }) {
  const rows = []
  for (const { title, agenticEvery } of SCENARIOS) {
    const taken = []
    for (let round = 0; round < rounds; round++) {
      taken.push(await measure({ agenticEvery, ms: smoke ? 200 : 4000 }))
    }
    const perCpu = taken.map(({ perCpuSecond }) => perCpuSecond)
    const wall = median(taken.map(({ perSecond }) => perSecond))
    rows.push([title, wall.toFixed(0), `${median(perCpu).toFixed(0)} (${range(perCpu, 0)})`])
  }
  return [
    '### OTLP in, live events out, and passed on',
    table(['protobuf over HTTP', 'spans a second', 'spans a second of one core (range)'], rows),
  ].join('\n\n')
}

async function measure({ agenticEvery, ms }) {
  const senders = await startActor('ingest-senders.mjs', { spans: 512, agenticEvery }, 1)
  const { upstreamUrl } = senders.hello
  const bridge = await startActor('ingest-bridge.mjs', { upstreamUrl }, 0)
  const { port } = bridge.hello
  try {
    await senders.ask('send', { port, ms: ms / 4 })
    const before = await bridge.ask('usage')
    const { perSecond, refused } = await senders.ask('send', { port, ms })
    const after = await bridge.ask('usage')
    if (refused > 0) throw new Error(`the bridge refused ${refused} requests`)
    const spans = (perSecond * ms) / 1000
    return { perSecond, perCpuSecond: spans / (after.cpuSeconds - before.cpuSeconds) }
  } finally {
    await Promise.all([senders.stop(), bridge.stop()])
  }
}
