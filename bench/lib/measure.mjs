import { median } from './figures.mjs'

const YIELD_EVERY = 256
const WARM_MS = 500
const BLOCK_MS = 25
const BLOCKS = 40

const now = () => Number(process.hrtime.bigint())
const immediate = () => new Promise((resolve) => setImmediate(resolve))

/** Nanoseconds of one `op`: the median of 40 blocks of about 25 ms, after half a second to warm up. */
export async function measure({ op, sync }) {
  let perOp = 1000
  const end = now() + WARM_MS * 1e6
  while (now() < end) perOp = await block(op, sync, Math.max(64, Math.round(20e6 / perOp)))
  globalThis.gc?.()
  const n = Math.max(64, Math.round((BLOCK_MS * 1e6) / perOp))
  await block(op, sync, n)
  const blocks = []
  for (let i = 0; i < BLOCKS; i++) blocks.push(await block(op, sync, n))
  return median(blocks)
}

// Timers and I/O get their turn, as they would in a server.
async function block(op, sync, n) {
  const started = now()
  for (let i = 0; i < n; i++) {
    const result = op(i)
    if (!sync) await result
    if (i % YIELD_EVERY === YIELD_EVERY - 1) await immediate()
  }
  return (now() - started) / n
}
