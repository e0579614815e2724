import { median, range, table } from './lib/figures.mjs'
import { runWorker } from './lib/child.mjs'

const SCENARIOS = [
  { id: 'sync', title: 'a wrapped call inside one open run, sync', limit: '1.4' },
  { id: 'async', title: 'a wrapped call inside one open run, async', limit: '1.4' },
  { id: 'agent', title: 'an agent calling three tools, content captured', limit: '1.25' },
]

/** What a wrapped call costs beside hand-written OpenTelemetry code, and what it costs when nothing observes. */
export async function benchWrapper({ rounds }) {
  const rows = []
  for (const { id, title, limit } of SCENARIOS) {
    const samples = { raw: [], spancast: [] }
    for (let round = 0; round < rounds; round++) {
      for (const variant of ['raw', 'spancast']) {
        const { ns } = await runWorker('wrapped-call.mjs', { variant, scenario: id })
        samples[variant].push(ns)
      }
    }
    const ratios = samples.spancast.map((ns, round) => ns / samples.raw[round])
    rows.push([
      title,
      `${median(samples.raw).toFixed(0)} ns`,
      `${median(samples.spancast).toFixed(0)} ns`,
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
