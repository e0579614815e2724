import { runWorker } from './lib/child.mjs'

/** Whether runs that are over leave anything behind. */
export async function benchMemory({ smoke }) {
  const runs = smoke ? 2000 : 100_000
  const { before, during, kept, after, left } = await runWorker('run-memory.mjs', { runs })
  return [
    '### What runs leave behind',
    `Heap after ${runs.toLocaleString('en')} runs: ${before.toFixed(1)} MiB; after as many again, with ${kept} of them still kept, ${during.toFixed(1)} MiB; once their retention was over, with ${left} kept, ${after.toFixed(1)} MiB.`,
  ].join('\n\n')
}
