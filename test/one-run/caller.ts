/** A run whose tool calls a service over HTTP. */
import { context, propagation } from '@opentelemetry/api'
import { observe, observeRun, recordUsage } from '@spancast/sdk'
import { start } from '@spancast/sdk/setup'

const [bridge = '', way = 'link', service = ''] = process.argv.slice(2)
const url = way === 'link' ? { bridgeUrl: bridge } : { otlpUrl: bridge }
const started = start({ ...url, serviceName: 'team' })

const ask = observe(
  async (q: string) => {
    const headers: Record<string, string> = { connection: 'close' }
    propagation.inject(context.active(), headers)
    const response = await fetch(`${service}/help?q=${q}`, { headers })
    return (await response.json()) as string
  },
  { name: 'ask', kind: 'tool' },
)
const planner = observe(
  async (q: string) => {
    recordUsage({ inputTokens: 1, outputTokens: 1 })
    return ask(q)
  },
  { name: 'Planner' },
)

await observeRun({ name: 'Team', randomId: 'run-of-two' }, () => planner('why'))
await started.shutdown()
