import { context } from '@opentelemetry/api'
import { median } from './figures.mjs'

const WARM_BLOCKS = 40
const BLOCK_NS = 6e6

const now = () => Number(process.hrtime.bigint())
/** Time that this process was computing: what others do on a shared core counts little. */
const computed = () => {
  const { user, system } = process.cpuUsage()
  return (user + system) * 1000
}
const immediate = () => new Promise((resolve) => setImmediate(resolve))

/**
 * Nanoseconds of one `op` of each variant: the median of blocks of about 6 ms that take turns, after 40 to warm up.
 *
 * @param variants - `{ name: { op, within } }`, `within` being the OpenTelemetry context to run in.
 * @param cpu - Whether time of computing is measured, and not that of the clock.
 */
export async function interleave(variants, { blocks, sync, cpu = false }) {
  const clock = cpu ? computed : now
  const entries = Object.entries(variants)
  const samples = Object.fromEntries(entries.map(([name]) => [name, []]))
  let n = 500
  for (let round = 0; round < WARM_BLOCKS + blocks; round++) {
    for (const [name, { op, within }] of entries) {
      const ns = await context.with(within, () => block(op, sync, n, clock))
      if (round >= WARM_BLOCKS) samples[name].push(ns)
      else n = Math.max(100, Math.round(BLOCK_NS / ns))
    }
  }
  return Object.fromEntries(entries.map(([name]) => [name, median(samples[name])]))
}

// Timers and I/O get their turn after each block, as they would in a server.
async function block(op, sync, n, clock) {
  const started = clock()
  for (let i = 0; i < n; i++) {
    const result = op(i)
    if (!sync) await result
  }
  const ns = (clock() - started) / n
  await immediate()
  return ns
}
