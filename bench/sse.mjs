import { startActor } from './lib/actor.mjs'
import { median, range, table } from './lib/figures.mjs'

const VARIANTS = ['spancast', 'better-sse', 'res.write']
const SERVER_CPU = 0
const READERS_CPU = 1
const KIB = 1024

/** Fan-out beside better-sse on Express, and a plain `res.write` loop on Express. */
export async function benchSse({ rounds, smoke }) {
  const scale = smoke ? 0.02 : 1
  const ms = smoke ? 600 : 4000
  const readers = (n) => Math.max(10, Math.round(n * scale))
  const workloads = [
    {
      title: `one run, ${readers(1000)} readers, as fast as they follow`,
      unit: 'deliveries a second',
      better: 'more',
      run: (v) => saturated(v, { runs: 1, readers: readers(1000), window: 512, perTurn: 32, ms }),
    },
    {
      title: `${readers(1000)} runs, one reader each, as fast as they follow`,
      unit: 'deliveries a second',
      better: 'more',
      run: (v) =>
        saturated(v, {
          runs: readers(1000),
          readers: readers(1000),
          window: 64,
          perTurn: 1000,
          ms,
        }),
    },
    {
      title: `one run, ${readers(1000)} readers, 20 events a second`,
      unit: 'ms p99 age',
      better: 'less',
      run: (v) => age(v, { readers: readers(1000), ms }),
    },
    {
      title: `one run, ${readers(5000)} readers, 20 events a second`,
      unit: 'ms p99 age',
      better: 'less',
      run: (v) => age(v, { readers: readers(5000), ms }),
    },
    {
      title: `${readers(1000)} readers resume 500 events each`,
      unit: 'events a second',
      better: 'more',
      run: (v) => resumed(v, { readers: readers(1000) }),
    },
    {
      title: `${readers(5000)} idle readers, heap and external each`,
      unit: 'KiB',
      better: 'less',
      run: async (v) => (await idle(v, { readers: readers(5000) })).held,
    },
    {
      title: `${readers(5000)} idle readers, resident each`,
      unit: 'KiB',
      better: 'less',
      run: async (v) => (await idle(v, { readers: readers(5000) })).rss,
    },
  ]
  const rows = []
  for (const workload of workloads) rows.push(await compare(workload, rounds))
  return [
    '### Streaming, server on one core, readers on another',
    table(['workload', '', ...VARIANTS, 'Spancast beside better-sse (range)'], rows),
  ].join('\n\n')
}

async function compare({ title, unit, better, run }, rounds) {
  const samples = Object.fromEntries(VARIANTS.map((variant) => [variant, []]))
  for (let round = 0; round < rounds; round++) {
    for (const variant of VARIANTS) samples[variant].push(await run(variant))
  }
  const ratios = samples.spancast.map((value, round) => {
    const other = samples['better-sse'][round]
    return better === 'more' ? value / other : other / value
  })
  const digits = better === 'more' ? 0 : 1
  const cells = VARIANTS.map((variant) => median(samples[variant]).toFixed(digits))
  return [title, unit, ...cells, `${median(ratios).toFixed(1)} times (${range(ratios, 1)})`]
}

async function withActors(variant, use) {
  const server = await startActor('sse-server.mjs', { variant }, SERVER_CPU)
  const readers = await startActor('sse-readers.mjs', {}, READERS_CPU)
  try {
    return await use(server, readers)
  } finally {
    await readers.ask('disconnect')
    await Promise.all([server.stop(), readers.stop()])
  }
}

function saturated(variant, { runs, readers: count, window, perTurn, ms }) {
  return withActors(variant, async (server, readers) => {
    const { paths } = await server.ask('open', { runs, events: 1 })
    await readers.ask('connect', { port: server.hello.port, paths, readers: count })
    await server.ask('publish', { runs, window, perTurn })
    const controlPort = server.hello.control
    const { perSecond } = await readers.ask('measure', { controlPort, warmMs: ms / 4, ms })
    await server.ask('stop')
    return perSecond
  })
}

function age(variant, { readers: count, ms }) {
  return withActors(variant, async (server, readers) => {
    const { paths } = await server.ask('open', { runs: 1, events: 1 })
    await readers.ask('connect', { port: server.hello.port, paths, readers: count })
    await server.ask('publish', { perSecond: 20 })
    const controlPort = server.hello.control
    const options = { controlPort, warmMs: ms / 4, ms, withAges: true }
    const { p99 } = await readers.ask('measure', options)
    await server.ask('stop')
    return p99
  })
}

function resumed(variant, { readers: count }) {
  return withActors(variant, async (server, readers) => {
    const { paths } = await server.ask('open', { runs: 1, events: 999 })
    // Spancast's first event is run.start: 1000 events in all, for each variant.
    const last = variant === 'spancast' ? 1000 : 999
    const { id } = await server.ask('id', { seq: last - 500 })
    const { port } = server.hello
    const { startedAt } = await readers.ask('connect', {
      port,
      paths,
      readers: count,
      lastEventId: id,
    })
    const { ms } = await readers.ask('complete', { expected: 500, startedAt })
    return (count * 500 * 1000) / ms
  })
}

function idle(variant, { readers: count }) {
  return withActors(variant, async (server, readers) => {
    const { paths } = await server.ask('open', { runs: 1, events: 1 })
    const before = await server.ask('memory')
    await readers.ask('connect', { port: server.hello.port, paths, readers: count })
    const after = await server.ask('memory')
    return {
      held: (after.held - before.held) / count / KIB,
      rss: (after.rss - before.rss) / count / KIB,
    }
  })
}
