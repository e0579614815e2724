import { once } from 'node:events'
import { createServer, type IncomingMessage } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'
import { createBridge } from '@spancast/bridge'
import { ObserverRegistry } from '@spancast/sdk'
import express from 'express'
import { onTestFinished } from 'vitest'

export type BridgeOptions = NonNullable<Parameters<typeof createBridge>[0]>
type RegistryOptions = ConstructorParameters<typeof ObserverRegistry>[0]

/** A bridge on a port of its own, with hands on its connections. */
export interface Watched {
  readonly url: string
  readonly port: number
  readonly registry: ObserverRegistry
  /** What was asked, from the first request on. */
  readonly asked: readonly IncomingMessage[]
  /** Those of them that are streams. */
  streams(): readonly IncomingMessage[]
  runUrl(randomId: string): string
  /** Cuts all connections, as a network does. */
  cut(): void
  /** Takes no connections until `back`. */
  away(): Promise<void>
  back(): Promise<void>
}

/** Opens a bridge; it is closed when the test is over. */
export async function watched(
  options: BridgeOptions = {},
  registryOptions: RegistryOptions = {},
): Promise<Watched> {
  const registry = new ObserverRegistry(registryOptions)
  const bridge = createBridge({ registry, ...options })
  const app = express().use(bridge.router)
  const sockets = new Set<Socket>()
  const asked: IncomingMessage[] = []
  const open = async (port: number) => {
    const server = createServer((req, res) => {
      asked.push(req)
      app(req, res)
    })
    server.on('connection', (socket) => {
      sockets.add(socket)
      socket.once('close', () => sockets.delete(socket))
    })
    server.listen(port, '127.0.0.1')
    await once(server, 'listening')
    return server
  }
  let server = await open(0)
  // A server that listens on a port has an address with one.
  const { port } = server.address() as AddressInfo
  const cut = (): void => {
    for (const socket of sockets) socket.destroy()
  }
  onTestFinished(async () => {
    server.close()
    cut()
    await bridge.close()
  })
  const url = `http://127.0.0.1:${port}`
  return {
    url,
    port,
    registry,
    asked,
    streams: () => asked.filter(({ url = '' }) => /^\/api\/agents\/[^/]+\/stream/.test(url)),
    runUrl: (randomId) => `${url}/runs/${randomId}`,
    cut,
    away: async () => {
      const closed = once(server, 'close')
      server.close()
      cut()
      await closed
    },
    back: async () => {
      server = await open(port)
    },
  }
}
