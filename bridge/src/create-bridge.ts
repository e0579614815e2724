import { randomBytes } from 'node:crypto'
import { ObserverRegistry, SpancastError } from '@spancast/sdk'
import { activeRegistry, askedUpdates, isRandomId } from '@spancast/sdk/internal'
import type { RequestHandler } from 'express'
import { bridgeApp, standalone } from './bridge-app.ts'
import { bridgeRoutes } from './bridge-routes.ts'
import type { BridgeConfig } from './config/bridge-config.ts'
import { readConfig, readPort } from './config/read-config.ts'
import { Forwarder, type ForwardLeft } from './forward/forwarder.ts'
import { Listener, type Listening } from './listener.ts'
import { bridgeMetrics } from './metrics/bridge-metrics.ts'
import type { Metric } from './metrics/exposition.ts'
import { ProblemCounts } from './metrics/problem-counts.ts'
import type { BridgeNotice, BridgeOptions } from './options.ts'
import { ByteBudget } from './otlp/byte-budget.ts'
import { Ingest, newCollector } from './otlp/ingest.ts'
import { Guard } from './security/guard.ts'
import { Hosts } from './security/hosts.ts'
import { isLoopbackName } from './security/loopback.ts'
import { Origins } from './security/origins.ts'
import { StreamTokens } from './security/stream-tokens.ts'
import { Streams } from './sse/streams.ts'
import { MemoryStore } from './store/memory.ts'
import { redisStore } from './store/redis/redis-store.ts'
import type { RunStore } from './store/run-store.ts'
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
// For what still waits for the upstream.
const FLUSH_MS = 5000

/**
 * Wires a bridge. Nothing listens yet.
 *
 * @throws SpancastError `invalid-option` for an option that is not as described.
 */
export function createBridge(options: BridgeOptions = {}): Bridge {
  const config = readConfig(options)
  const { limits, token, insecure, streamAuth } = config
  const registry = registryFor(config)
  const store = config.store ?? storeFor(config, registry)
  store.record?.(activeRegistry() ?? ObserverRegistry.getInstance())
  const streams = new Streams(limits)
  const unwatch = store.watchReady((ready, reason) => {
    // Those who read stay: nothing that they were sent is lost, and what they miss follows.
    streams.comment(ready ? 'store back' : 'store away')
    options.onNotice?.(storeNotice(ready, reason))
  })
  const invocations = new Invocations({
    workflows: config.workflows,
    maxInvokes: limits.maxInvokes,
    reserve: (randomId, cancel) => store.reserve(randomId, cancel),
  })
  const streamTokens = new StreamTokens(token)
  const hosts = new Hosts(config.allowedHosts)
  const origins = new Origins(config.corsOrigins)
  const { ingestToken } = config
  const guard = new Guard({
    token,
    ingestToken,
    streamAuth,
    insecure,
    hosts,
    origins,
    streamTokens,
  })
  const instanceId = randomBytes(8).toString('hex')
  const forwarder = forwarderFor(config, instanceId, options.onNotice)
  const ingest = ingestFor(config, registry, store)
  const updates = askedUpdates(config.priceUpdateMs, config.priceDataUrl)
  const problems = new ProblemCounts()
  const startedAt = performance.now()
  const sources = { registry, store, streams, invocations, problems, ingest, forwarder, startedAt }
  let listener: Listener | undefined
  let closed: Promise<void> | undefined
  const metrics = (): Metric[] => bridgeMetrics(sources)
  const closing = (): boolean => closed !== undefined
  const budget = new ByteBudget(limits.maxIngestBytes)
  const otlp =
    ingest === undefined
      ? undefined
      : {
          ingest,
          forwarder,
          budget,
          // Replicas are one to those who send: none of them has lost what another has.
          instanceId: () => (store.intake === undefined ? instanceId : store.deployment),
          limits,
          closing,
        }
  const deps = { config, store, streams, invocations, streamTokens, metrics, otlp, closing }
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
        if (forwarder !== undefined) await openSpool(forwarder, closing)
        return await opening.open(chosen)
      } catch (error) {
        listener = undefined
        throw error
      }
    },
    close: () => {
      updates?.stop()
      closed ??= (async () => {
        const ends = [invocations.close(CLOSE_RUNS_MS), streams.close(), listener?.close(CLOSE_MS)]
        await Promise.all(ends)
        const left = await forwarder?.close({ timeoutMs: FLUSH_MS })
        if (left !== undefined && left.requests > 0) options.onNotice?.(leftNotice(left))
        unwatch()
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

function storeFor(config: BridgeConfig, registry: ObserverRegistry | undefined): RunStore {
  const { redisUrl: url, redisPrefix: keyPrefix, redisCluster: cluster, ringLimits } = config
  if (url !== undefined) return redisStore({ url, keyPrefix, cluster, limits: ringLimits })
  return new MemoryStore(registry ?? ObserverRegistry.getInstance())
}

function ingestFor(
  config: BridgeConfig,
  registry: ObserverRegistry | undefined,
  store: RunStore,
): Ingest | undefined {
  if (registry !== undefined) return new Ingest(registry, config)
  const sink = store.intake?.((folded) => newCollector(folded, config), {
    byConversation: config.runBy === 'conversation',
  })
  return sink && new Ingest(sink)
}

function registryFor(config: BridgeConfig): ObserverRegistry | undefined {
  if (config.store !== undefined || config.redisUrl !== undefined) return undefined
  const registry = config.registry ?? activeRegistry() ?? ObserverRegistry.getInstance()
  if (Object.keys(config.ringLimits).length > 0) {
    registry.setLimits({ ...registry.limits, ...config.ringLimits })
  }
  return registry
}

function forwarderFor(
  { upstreamUrl, upstreamHeaders: headers, spool, limits }: BridgeConfig,
  instanceId: string,
  onNotice: BridgeOptions['onNotice'],
): Forwarder | undefined {
  if (upstreamUrl === undefined) return undefined
  const { maxQueueBytes } = limits
  return new Forwarder({
    upstreamUrl,
    headers,
    instanceId,
    maxQueueBytes,
    spoolDir: spool,
    onNotice,
  })
}

/** Before anything is taken in: a spool that cannot be used is known at the start. */
async function openSpool(forwarder: Forwarder, closing: () => boolean): Promise<void> {
  await forwarder.open()
  if (closing()) throw new Error('Expected an open bridge, got one that was closed meanwhile.')
}

function storeNotice(ready: boolean, reason = 'no answer'): BridgeNotice {
  return ready
    ? { type: 'store.back', message: 'The store answers.' }
    : { type: 'store.away', message: `The store does not answer (${reason}); readers wait for it.` }
}

function leftNotice({ requests, bytes, spooled }: ForwardLeft): BridgeNotice {
  const message = spooled
    ? `${requests} requests (${bytes} bytes) wait in the spool for the next start.`
    : `${requests} requests (${bytes} bytes) did not reach the upstream and are lost.`
  return { type: 'queue.left', message, requests, spooled }
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
