import { runWorker } from './lib/child.mjs'
import { median, range, table } from './lib/figures.mjs'

const SCENARIOS = [
  { id: 'sync', title: 'a wrapped call inside one open run, sync', limit: '1.4' },
  { id: 'async', title: 'a wrapped call inside one open run, async', limit: '1.4' },
  { id: 'agent', title: 'an agent calling three tools, content captured', limit: '1.25' },
]

/** What a wrapped call costs beside hand-written OpenTelemetry code, and what it costs when nothing observes. */
export async function benchWrapper({ rounds, blocks }) {
  const rows = []
  for (const { id, title, limit } of SCENARIOS) {
    const samples = []
    for (let round = 0; round < rounds; round++) {
      samples.push(await runWorker('wrapped-call.mjs', { scenario: id, blocks }))
    }
    const ratios = samples.map(({ raw, spancast }) => spancast / raw)
    rows.push([
      title,
      `${median(samples.map(({ raw }) => raw)).toFixed(0)} ns`,
      `${median(samples.map(({ spancast }) => spancast)).toFixed(0)} ns`,
      `${median(ratios).toFixed(2)} (${range(ratios, 2)})`,
      limit,
    ])
  }
  const added = []
  for (let round = 0; round < rounds; round++) {
    const { addedNs } = await runWorker('nothing-observes.mjs', {})
    added.push(addedNs)
  }
  return [
    '### What a wrapped call costs',
    table(['call', 'raw spans', 'Spancast', 'ratio (range)', 'goal'], rows),
    `Outside any run and with no provider, a wrapped call costs ${median(added).toFixed(0)} ns more than the plain one (${range(added, 0)}; goal: 100).`,
  ].join('\n\n')
}
