import { createClient, createCluster, type ErrorReply } from '@redis/client'
import type { RedisStoreConfig } from './options.ts'

export type Client = ReturnType<typeof createClient>
export type Cluster = ReturnType<typeof createCluster>

const CONNECT_MS = 5000
const LONGEST_RETRY_MS = 1000
// How long a server of a cluster is asked for again before the others are asked who has taken its place.
const REPLACED_MS = 500

/**
 * One connection, to a server or to a cluster, that comes back by itself.
 *
 * @param failsAtOnce - Whether a command fails while it is away, and does not wait.
 */
export function clientFor(config: RedisStoreConfig, failsAtOnce: boolean): Client | Cluster {
  const socket = {
    connectTimeout: CONNECT_MS,
    reconnectStrategy: (retries: number) =>
      Math.min(LONGEST_RETRY_MS, 50 * 2 ** Math.min(retries, 5)) * (0.75 + Math.random() / 2),
  }
  const common = { disableOfflineQueue: failsAtOnce, name: 'spancast' }
  if (!config.cluster) return createClient({ url: config.url, socket, ...common })
  const { username, password, protocol } = new URL(config.url)
  const secure = protocol === 'rediss:' ? { ...socket, tls: true as const } : socket
  return createCluster({
    rootNodes: [{ url: config.url }],
    topologyRefreshOnReconnectionAttemptStrategy: REPLACED_MS,
    defaults: {
      ...common,
      socket: secure,
      ...(username !== '' && { username: decodeURIComponent(username) }),
      ...(password !== '' && { password: decodeURIComponent(password) }),
    },
  })
}

export function isReady(client: Client | Cluster): boolean {
  // A cluster has no such word: what it answers is asked anyway.
  return client.isOpen && (!('isReady' in client) || client.isReady === true)
}

/** Whether a refusal is one of a server that will be able again: it loads, has no room, or is no master now. */
export function isPassing({ message }: ErrorReply): boolean {
  return !/^(ERR|WRONGTYPE|WRONGPASS|NOPERM|NOAUTH)/.test(message)
}
