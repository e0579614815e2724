import { runWorker } from './lib/child.mjs'
import { median, range, table } from './lib/figures.mjs'

const SCENARIOS = [
  { id: 'root', title: 'a request of an HTTP server, outside any run', limit: '100 ns' },
  { id: 'child', title: 'a query below it', limit: '100 ns' },
  { id: 'unsaid', title: 'a span without attributes, looked at twice', limit: '100 ns' },
  { id: 'inside', title: 'a query inside a run', limit: '400 ns' },
  { id: 'insideUnsaid', title: 'a span without attributes inside a run', limit: '400 ns' },
]

/** What the processor adds to spans that no dialect knows. */
export async function benchUnknownSpan({ rounds, blocks }) {
  const rows = []
  for (const { id, title, limit } of SCENARIOS) {
    const samples = []
    for (let round = 0; round < rounds; round++) {
      samples.push(await runWorker('unknown-span.mjs', { scenario: id, blocks }))
    }
    const added = samples.map(({ raw, spancast }) => spancast - raw)
    rows.push([
      title,
      `${median(samples.map(({ raw }) => raw)).toFixed(0)} ns`,
      `${median(added).toFixed(0)} ns (${range(added, 0)})`,
      limit,
    ])
  }
  return [
    '### What the processor adds to a span that no dialect knows',
    table(['span', 'empty processor', 'added (range)', 'goal'], rows),
  ].join('\n\n')
}
