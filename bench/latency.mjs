import { runWorker } from './lib/child.mjs'
import { median, range } from './lib/figures.mjs'

/** How long an event takes from where it happens to who watches. */
export async function benchLatency({ rounds, smoke }) {
  const taken = []
  for (let round = 0; round < rounds; round++) {
    taken.push(await runWorker('latency.mjs', { samples: smoke ? 20 : 400 }))
  }
  const p50s = taken.map(({ p50 }) => p50)
  const p99s = taken.map(({ p99 }) => p99)
  return [
    '### From the start of a span to the socket of a reader',
    `In the same process, idle: median ${median(p50s).toFixed(2)} ms (${range(p50s, 2)}; goal: 1), p99 ${median(p99s).toFixed(2)} ms.`,
  ].join('\n\n')
}
