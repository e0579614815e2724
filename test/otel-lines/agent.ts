/** Runs the scripted agent under the OpenTelemetry line that is named, and prints the events that it gave. */
import { AgentEventProcessor, ObserverRegistry } from '@spancast/sdk'
import { register } from './provider.ts'
import { runScriptedAgent } from './scripted-agent.ts'

const registry = new ObserverRegistry()
register(process.argv[2] ?? '', new AgentEventProcessor({ registry, liveSpanEvents: true }))

await runScriptedAgent(registry)

const runs = registry.list().map((run) => run.getEvents())
process.stdout.write(JSON.stringify(runs))
