import { spawn } from 'node:child_process'
import { startActor } from './lib/actor.mjs'
import { runWorker } from './lib/child.mjs'
import { median, range } from './lib/figures.mjs'

/** How long an event takes from where it happens to who watches. */
export async function benchLatency({ rounds, smoke }) {
  const samples = smoke ? 20 : 400
  const within = []
  const across = []
  for (let round = 0; round < rounds; round++) {
    within.push(await runWorker('latency.mjs', { samples }))
    across.push(await throughBridge(samples))
  }
  return [
    '### From the start of a span to the socket of a reader',
    `In the same process, idle: ${told(within)} (goal for the median: 1 ms).`,
    `Over the live link, from one process to a reader of a bridge in another, idle: ${told(across)} (goals: 5 and 15 ms).`,
  ].join('\n\n')
}

function told(taken) {
  const p50s = taken.map(({ p50 }) => p50)
  const p99s = taken.map(({ p99 }) => p99)
  return `median ${median(p50s).toFixed(2)} ms (${range(p50s, 2)}), p99 ${median(p99s).toFixed(2)} ms (${range(p99s, 2)})`
}

async function throughBridge(samples) {
  const reader = await startActor('link-reader.mjs', {}, 0)
  const file = new URL('./workers/link-sender.mjs', import.meta.url).pathname
  const config = JSON.stringify({ bridgeUrl: reader.hello.url, samples })
  const sender = spawn(process.execPath, [file, config], {
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  })
  const started = []
  try {
    await new Promise((resolve, reject) => {
      sender.once('error', reject)
      sender.on('message', async (message) => {
        if (message.opened) await reader.ask('watch')
        else started.push(message.startedAt)
        sender.send({})
        if (started.length === samples) resolve()
      })
    })
    await new Promise((resolve) => sender.once('exit', resolve))
    const { arrivals } = await reader.ask('arrivals')
    if (arrivals.length !== samples) {
      throw new Error(`${arrivals.length} of ${samples} events arrived apart`)
    }
    return figures(arrivals.map((at, i) => at - started[i]).slice(Math.floor(samples / 5)))
  } finally {
    sender.kill()
    await reader.stop()
  }
}

function figures(times) {
  times.sort((a, b) => a - b)
  return { p50: median(times), p99: times[Math.floor(times.length * 0.99)] }
}
