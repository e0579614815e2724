import { startActor } from './actor.mjs'
import { startRedis } from './redis.mjs'

/** Each bridge has its part of what is folded. */
async function shared(port) {
  for (;;) {
    const text = await (await fetch(`http://127.0.0.1:${port}/metrics`)).text()
    if (Number(/^spancast_store_shares (\d+)$/m.exec(text)?.[1]) > 0) return
    await pause(50)
  }
}

/** Bridges on a Redis of their own, a sender, and readers for each bridge. */
export async function withBridges(replicas, { limits, rememberMs }, work) {
  const redis = await startRedis()
  const bridges = []
  for (let at = 0; at < replicas; at++) {
    bridges.push(await startActor('scale-bridge.mjs', { redisUrl: redis.url, limits, rememberMs }))
  }
  const ports = bridges.map(({ hello }) => hello.port)
  for (const port of ports) await shared(port)
  const workers = await Promise.all(ports.map(() => startActor('sse-readers.mjs', {})))
  const sender = await startActor('scale-sender.mjs', { ports })
  // The first of them, for those who need one alone.
  const readers = { ask: (...args) => workers[0].ask(...args), at: (index) => workers[index] }
  try {
    return await work({ ports, bridges, sender, readers, redis })
  } finally {
    await Promise.all([...workers, sender].map((actor) => actor.stop()))
    await Promise.all(bridges.map((bridge) => bridge.stop()))
    await redis.stop()
  }
}

export function pause(ms) {
  return new Promise((resolve) => setTimeout(resolve, ms))
}
