import { createClient } from '@redis/client'
import { freePort, RedisServer } from './redis-server.ts'

const SLOTS = 16_384
const MASTERS = 3
const POLL_MS = 20

type Client = ReturnType<typeof clientOf>

interface Node {
  readonly server: RedisServer
  readonly bus: number
  readonly client: Client
}

export interface RedisClusterOptions {
  /** Whether each master has a replica that takes its place. Default `false`. */
  readonly replicas?: boolean
}

/** A cluster of three masters, each a server of its own. */
export class RedisCluster {
  readonly #nodes: readonly Node[]

  private constructor(nodes: readonly Node[]) {
    this.#nodes = nodes
  }

  static async open({ replicas = false }: RedisClusterOptions = {}): Promise<RedisCluster> {
    const count = replicas ? 2 * MASTERS : MASTERS
    const nodes = await Promise.all(Array.from({ length: count }, openNode))
    const masters = nodes.slice(0, MASTERS)
    const share = Math.ceil(SLOTS / MASTERS)
    for (const [at, { client }] of masters.entries()) {
      const [from, to] = [at * share, Math.min(SLOTS, (at + 1) * share) - 1]
      await client.sendCommand(['CLUSTER', 'ADDSLOTSRANGE', String(from), String(to)])
      // Else two that have the same may not agree for long.
      await client.sendCommand(['CLUSTER', 'SET-CONFIG-EPOCH', String(at + 1)])
    }
    for (const { server, bus } of nodes) {
      const meet = ['CLUSTER', 'MEET', '127.0.0.1', String(server.port), String(bus)]
      await nodes[0]?.client.sendCommand(meet)
    }
    const cluster = new RedisCluster(nodes)
    await cluster.#all(nodes, ['CLUSTER', 'INFO'], `cluster_known_nodes:${count}`)
    for (const [at, { client }] of nodes.slice(MASTERS).entries()) {
      const master = await masters[at]?.client.sendCommand(['CLUSTER', 'MYID'])
      await client.sendCommand(['CLUSTER', 'REPLICATE', String(master)])
    }
    await cluster.settled()
    return cluster
  }

  /** That of any node. */
  get url(): string {
    return this.#nodes[0]?.server.url ?? ''
  }

  /** Which of the three parts of all slots a key is in. */
  async shardOf(key: string): Promise<number> {
    const [node] = this.#nodes.filter(({ client }) => client.isReady)
    const slot = Number(await node?.client.sendCommand(['CLUSTER', 'KEYSLOT', key]))
    return Math.floor(slot / Math.ceil(SLOTS / MASTERS))
  }

  /** Ends the first master of a shard at once, as a crash would. */
  async killMaster(shard: number): Promise<void> {
    const node = this.#nodes[shard]
    node?.client.destroy()
    await node?.server.kill()
  }

  /** Resolves when all that live agree that all slots are served, and replicas have what their masters have. */
  async settled(): Promise<void> {
    const living = this.#nodes.filter(({ client }) => client.isOpen)
    await this.#all(living, ['CLUSTER', 'INFO'], 'cluster_state:ok')
    await this.#all(living, ['INFO', 'replication'], /role:master|master_link_status:up/)
  }

  async close(): Promise<void> {
    for (const { client } of this.#nodes) if (client.isOpen) client.destroy()
    await Promise.all(this.#nodes.map(({ server }) => server.close()))
  }

  /** Resolves when each of them answers so. */
  async #all(nodes: readonly Node[], command: string[], answer: string | RegExp): Promise<void> {
    for (const { client } of nodes) {
      while (String(await client.sendCommand(command)).match(answer) === null) {
        await new Promise((resolve) => setTimeout(resolve, POLL_MS))
      }
    }
  }
}

async function openNode(): Promise<Node> {
  const bus = await freePort()
  const config = ['--cluster-enabled', 'yes', '--cluster-port', String(bus)]
  // So that a lost master is missed soon, but not one that a busy machine holds up for a moment.
  config.push('--cluster-node-timeout', '3000', '--cluster-replica-validity-factor', '0')
  config.push('--repl-diskless-sync-delay', '0')
  const server = await RedisServer.open({ config })
  const client = clientOf(server.url)
  // What is killed is missed elsewhere.
  client.on('error', () => {})
  await client.connect()
  return { server, bus, client }
}

// Replies are the texts that these commands have had in all versions.
const clientOf = (url: string) => createClient({ url, RESP: 2 })
