import { ObserverRegistry, SpancastError } from '@spancast/sdk'
import { activeRegistry, isRandomId } from '@spancast/sdk/internal'
import type { RequestHandler } from 'express'
import { bridgeApp, standalone } from './bridge-app.ts'
import { bridgeRoutes } from './bridge-routes.ts'
import { type BridgeConfig, readConfig, readPort } from './config.ts'
import { Listener, type Listening } from './listener.ts'
import { bridgeMetrics } from './metrics/bridge-metrics.ts'
import type { Metric } from './metrics/exposition.ts'
import { ProblemCounts } from './metrics/problem-counts.ts'
import type { BridgeOptions } from './options.ts'
import { Guard } from './security/guard.ts'
import { Hosts } from './security/hosts.ts'
import { isLoopbackName } from './security/loopback.ts'
import { Origins } from './security/origins.ts'
import { StreamTokens } from './security/stream-tokens.ts'
import { Streams } from './sse/streams.ts'
import { MemoryStore } from './store/memory.ts'
import { Invocations } from './workflows/invocations.ts'

/** A bridge between the runs of a process and those who watch them over HTTP. */
export interface Bridge {
  /** All routes, to be mounted in an Express app: `app.use(bridge.router)`, or below a path. */
  readonly router: RequestHandler
  /**
   * Serves on a port of its own.
   *
   * @param port - Default: the option `port`. 0 picks a free one.
   * @returns Where it answers. Rejects if it listens already or was closed, if the port is not to be had, and
   * without a `token` if `host` is not this machine alone.
   */
  listen(port?: number): Promise<Listening>
  /**
   * Starts nothing any more, cancels what was invoked here, ends the streams, and stops listening. Takes 5 s at
   * most. Calling it twice is harmless.
   */
  close(): Promise<void>
  /**
   * A token that lets its bearer read this one run: for `?token=` of its stream and events.
   *
   * @throws SpancastError `invalid-random-id`, or `invalid-option` for an `expiresInMs` (default one hour) that is
   * no whole number from 1 up.
   */
  streamToken(randomId: string, options?: { readonly expiresInMs?: number | undefined }): string
}

// What was invoked here gets the first part of it to end by itself.
const CLOSE_MS = 5000
const CLOSE_RUNS_MS = 3000

/**
 * Wires a bridge. Nothing listens yet.
 *
 * @throws SpancastError `invalid-option` for an option that is not as described.
 */
export function createBridge(options: BridgeOptions = {}): Bridge {
  const config = readConfig(options)
  const { limits, token, insecure, streamAuth } = config
  const registry = registryFor(config)
  const store = config.store ?? new MemoryStore(registry ?? ObserverRegistry.getInstance())
  const streams = new Streams(limits)
  const invocations = new Invocations({
    workflows: config.workflows,
    maxInvokes: limits.maxInvokes,
    taken: async (randomId) => (await store.open(randomId)) !== undefined,
  })
  const streamTokens = new StreamTokens(token)
  const hosts = new Hosts(config.allowedHosts)
  const origins = new Origins(config.corsOrigins)
  const guard = new Guard({ token, streamAuth, insecure, hosts, origins, streamTokens })
  const problems = new ProblemCounts()
  const sources = { registry, streams, invocations, problems, startedAt: performance.now() }
  let listener: Listener | undefined
  let closed: Promise<void> | undefined
  const metrics = (): Metric[] => bridgeMetrics(sources)
  const closing = (): boolean => closed !== undefined
  const deps = { config, store, streams, invocations, streamTokens, metrics, closing }
  const { trustProxy } = config
  const app = bridgeApp({ routes: bridgeRoutes(deps), guard, problems, trustProxy })

  return {
    router: app,
    listen: async (port) => {
      const chosen = readPort(port, config.port)
      if (closed !== undefined) throw new Error('Expected an open bridge, got one that was closed.')
      if (listener !== undefined) throw new Error('Expected one listen(), and this bridge listens.')
      assertMayBind(config)
      hosts.bindsTo(config.host)
      const opening = new Listener(standalone(app, problems), { host: config.host, ...limits })
      listener = opening
      try {
        return await opening.open(chosen)
      } catch (error) {
        listener = undefined
        throw error
      }
    },
    close: () => {
      closed ??= (async () => {
        const ends = [invocations.close(CLOSE_RUNS_MS), streams.close(), listener?.close(CLOSE_MS)]
        await Promise.all(ends)
        if (config.store === undefined) await store.close()
      })()
      return closed
    },
    streamToken: (randomId, { expiresInMs } = {}) => {
      assertNamesRun(randomId)
      return streamTokens.mint(randomId, expiresInMs).token
    },
  }
}

function registryFor(config: BridgeConfig): ObserverRegistry | undefined {
  if (config.store !== undefined) return undefined
  const registry = config.registry ?? activeRegistry() ?? ObserverRegistry.getInstance()
  if (Object.keys(config.ringLimits).length > 0) {
    registry.setLimits({ ...registry.limits, ...config.ringLimits })
  }
  return registry
}

function assertMayBind({ host, token, insecure }: BridgeConfig): void {
  if (token !== undefined || insecure || isLoopbackName(host)) return
  throw new SpancastError(
    'invalid-option',
    `Expected a \`token\` to listen on ${host}, where other machines may connect. Set SPANCAST_TOKEN or \`token\`, keep \`host\` at 127.0.0.1, or set \`insecure: true\` if something else guards the bridge.`,
  )
}

function assertNamesRun(randomId: string): void {
  if (isRandomId(randomId)) return
  throw new SpancastError(
    'invalid-random-id',
    'Expected `randomId` to be 8 to 128 of A-Z a-z 0-9 _ -, got something else.',
  )
}
