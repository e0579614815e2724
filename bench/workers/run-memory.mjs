// Heap before, while and after 100,000 runs that end one after the other and are kept for a short while.
import { NodeTracerProvider } from '@opentelemetry/sdk-trace-node'
import { AgentEventProcessor, ObserverRegistry, observe, observeRun } from '@spancast/sdk'

const { runs } = JSON.parse(process.argv[2])
const RETENTION_MS = 200
const registry = new ObserverRegistry({ retentionMs: RETENTION_MS })
new NodeTracerProvider({ spanProcessors: [new AgentEventProcessor({ registry })] }).register()
const tool = observe(async ({ q }) => [q], { name: 'search', kind: 'tool' })
const agent = observe(async (q) => (await tool({ q })).length, { name: 'researcher' })

const some = async (n) => {
  for (let i = 0; i < n; i++) {
    await observeRun({ name: 'ask' }, () => agent('what is SSE?'))
    if (i % 100 === 99) await new Promise((resolve) => setImmediate(resolve))
  }
}
const retained = () => new Promise((resolve) => setTimeout(resolve, RETENTION_MS + 100))
const heapMib = () => {
  for (let i = 0; i < 4; i++) globalThis.gc()
  return process.memoryUsage().heapUsed / 2 ** 20
}

// What is remembered of ids alone is bounded too: it is full, and turned over, before the first figure is taken.
await some(2 * runs)
await retained()
const before = heapMib()
await some(runs)
const kept = registry.size
const during = heapMib()
await retained()
process.stdout.write(
  JSON.stringify({ before, during, kept, after: heapMib(), left: registry.size }),
)
process.exit(0)
