import { createBridge } from '@spancast/bridge'
import { observe, observeRun } from '@spancast/sdk'
import { start } from '@spancast/sdk/setup'
import { agent } from './agent.ts' // yours

start({ serviceName: 'my-agents' }) // otlpUrl: 'http://localhost:4318' sends the spans to Jaeger
observe(agent) // its methods become nodes, its tools become tools
const bridge = await createBridge().listen()

const { randomId } = await observeRun({ name: 'ask' }, () => agent.run('server-sent events'))
console.log(`curl -N ${bridge.url}/api/agents/${randomId}/stream`)
