// A bridge that takes OTLP and passes it on to a sink that accepts everything.
import { createBridge } from '@spancast/bridge'
import { ObserverRegistry } from '@spancast/sdk'

const { upstreamUrl } = JSON.parse(process.argv[2])
const registry = new ObserverRegistry({ maxRuns: 2000, runGraceMs: 200, retentionMs: 1000 })
const bridge = createBridge({ registry, upstreamUrl })
const { port } = await bridge.listen(0)

process.on('message', () => {
  const { user, system } = process.cpuUsage()
  process.send({ cpuSeconds: (user + system) / 1e6, rss: process.memoryUsage().rss })
})
process.on('disconnect', () => process.exit(0))
process.send({ port })
