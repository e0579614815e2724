import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { ObserverRegistry, type RunLimits } from '@spancast/sdk'
import express, {
  type NextFunction,
  type Request,
  type RequestHandler,
  type Response,
} from 'express'
import { sendProblem, toBridgeError } from '../../problem.ts'
import { listStreamRoute } from '../../routes/list-stream.ts'
import { namespaceStreamRoute } from '../../routes/namespace-stream.ts'
import { validNamespace, validRunId } from '../../routes/params.ts'
import { runStreamRoute } from '../../routes/run-stream.ts'
import { MemoryStore } from '../../store/memory.ts'
import { type StreamOptions, Streams } from '../streams.ts'

export interface StreamServer {
  readonly registry: ObserverRegistry
  readonly store: MemoryStore
  readonly streams: Streams
  readonly url: string
  readonly port: number
  /** Connections that are open at this moment. */
  connections(): Promise<number>
  [Symbol.asyncDispose](): Promise<void>
}

export interface StreamServerOptions {
  readonly streams?: Partial<StreamOptions>
  readonly runs?: Partial<RunLimits>
  /** Comes before the routes. */
  readonly before?: RequestHandler
}

const DEFAULTS: StreamOptions = {
  heartbeatMs: 15_000,
  maxStreamMs: 300_000,
  maxReaderBytes: 1 << 20,
  maxReaderLagMs: 30_000,
  maxStreams: 10_000,
  maxStreamsPerClient: 100,
  waitMs: 10_000,
}

/** The three stream routes behind Express on a free port, over a registry of their own. */
export async function streamServer(options: StreamServerOptions = {}): Promise<StreamServer> {
  const registry = new ObserverRegistry(options.runs)
  const store = new MemoryStore(registry)
  const streams = new Streams({ ...DEFAULTS, ...options.streams })
  const app = express()
  if (options.before !== undefined) app.use(options.before)
  app.get('/api/agents/stream', listStreamRoute({ store, streams }))
  app.get('/api/agents/:randomId/stream', validRunId, runStreamRoute({ store, streams }))
  app.get(
    '/api/namespaces/:namespace/stream',
    validNamespace,
    namespaceStreamRoute({ store, streams }),
  )
  app.use((error: unknown, req: Request, res: Response, _next: NextFunction) => {
    sendProblem(res, toBridgeError(error, req.path))
  })
  const server = createServer(app)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  return {
    registry,
    store,
    streams,
    port,
    url: `http://127.0.0.1:${port}`,
    connections: () =>
      new Promise((resolve, reject) => {
        server.getConnections((error, count) => (error === null ? resolve(count) : reject(error)))
      }),
    [Symbol.asyncDispose]: async () => {
      registry.dispose()
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
      await store.close()
    },
  }
}
