import { createClient } from '@redis/client'
import { freePort, RedisServer } from './redis-server.ts'

const SLOTS = 16_384

/** A cluster of three masters, each a server of its own. */
export class RedisCluster {
  readonly #servers: readonly RedisServer[]

  private constructor(servers: readonly RedisServer[]) {
    this.#servers = servers
  }

  static async open(): Promise<RedisCluster> {
    const ports = await Promise.all([freePort(), freePort(), freePort()])
    const servers = await Promise.all(
      ports.map((bus) => {
        const config = ['--cluster-enabled', 'yes', '--cluster-port', String(bus)]
        return RedisServer.open({ config })
      }),
    )
    const clients = await Promise.all(
      servers.map(({ url }) => createClient({ url, RESP: 2 }).connect()),
    )
    const share = Math.ceil(SLOTS / servers.length)
    for (const [at, client] of clients.entries()) {
      const [from, to] = [at * share, Math.min(SLOTS, (at + 1) * share) - 1]
      await client.sendCommand(['CLUSTER', 'ADDSLOTSRANGE', String(from), String(to)])
      const meet = ['CLUSTER', 'MEET', '127.0.0.1', String(servers[at]?.port), String(ports[at])]
      await clients[0]?.sendCommand(meet)
    }
    for (const client of clients) {
      while (!String(await client.sendCommand(['CLUSTER', 'INFO'])).includes('cluster_state:ok')) {
        await new Promise((resolve) => setTimeout(resolve, 20))
      }
      client.destroy()
    }
    return new RedisCluster(servers)
  }

  /** That of any node. */
  get url(): string {
    return this.#servers[0]?.url ?? ''
  }

  async close(): Promise<void> {
    await Promise.all(this.#servers.map((server) => server.close()))
  }
}
