// One bridge of several on a Redis.
import { createBridge, redisStore } from '@spancast/bridge'

const { redisUrl, limits, rememberMs } = JSON.parse(process.argv[2])
const bridge = createBridge({
  store: redisStore({ url: redisUrl, limits, rememberMs }),
  limits: { maxStreamsPerClient: 100_000, maxStreams: 100_000 },
})
const { port, url } = await bridge.listen(0)
while ((await fetch(`${url}/readyz`)).status !== 200) {
  await new Promise((resolve) => setTimeout(resolve, 20))
}

process.on('message', () => {
  const { user, system } = process.cpuUsage()
  process.send({ cpuSeconds: (user + system) / 1e6, rss: process.memoryUsage().rss })
})
process.on('disconnect', () => process.exit(0))
process.send({ port })
