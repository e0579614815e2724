import { SERVICE_NAME } from '../attributes.ts'
import { type ContentOptions, configure } from '../context/content-rules.ts'
import { SpancastError } from '../errors.ts'
import type { LinkLimits } from '../live-link/link-limits.ts'
import { type LinkCounts, LiveLink } from '../live-link/live-link.ts'
import { currentTracer } from '../observe/tracer.ts'
import type { RunLimits } from '../observer/limits.ts'
import { ObserverRegistry } from '../observer/observer-registry.ts'
import { askedUpdates } from '../prices/price-updates.ts'
import type { Prices } from '../prices/prices.ts'
import { AgentEventProcessor } from '../processor/agent-event-processor.ts'
import type { JoinRuns } from '../processor/run-naming.ts'
import type { RunBy } from '../run/conversation.ts'
import { CallingPropagator } from './calling-propagator.ts'
import { type Environment, readEnvironment } from './environment.ts'
import { liveSampler } from './live-sampler.ts'
import { peers } from './peers.ts'
import { receiverUrl } from './receiver-url.ts'
import { samplerFromEnv } from './sampler-from-env.ts'
import { spanExporters } from './span-exporters.ts'

/** What `start` sets up. Options win over `SPANCAST_*` variables, these over `OTEL_*`. */
export interface StartOptions extends ContentOptions {
  /** The resource's `service.name`. Default: `SPANCAST_SERVICE_NAME`, `OTEL_SERVICE_NAME`, `unknown_service:node`. */
  readonly serviceName?: string
  /**
   * Base URL of an OTLP/HTTP receiver such as Jaeger: spans go to its `/v1/traces`. Default: `SPANCAST_OTLP_URL`,
   * then, without a `bridgeUrl`, what `OTEL_EXPORTER_OTLP_*` say. Without any of them nothing is exported, which is
   * said once.
   */
  readonly otlpUrl?: string
  /**
   * Base URL of a Spancast bridge in another process: events go there as they happen, and spans to its `/v1/traces`,
   * from where it can pass them on. With `otlpUrl`, spans go to both. Default: `SPANCAST_BRIDGE_URL`, else none.
   */
  readonly bridgeUrl?: string
  /** What the bridge asks of senders (its `ingestToken`). Default: `SPANCAST_INGEST_TOKEN`, else none. */
  readonly bridgeToken?: string
  /**
   * What a model call costs, in US dollars; a cost that the span carries wins. What this does not know is asked of
   * `@pydantic/genai-prices`, if that is installed. Default: that alone; `false`: no prices.
   */
  readonly prices?: Prices | false
  /**
   * How often newer prices are fetched for `@pydantic/genai-prices`, in milliseconds, the first time at once. From
   * 60 000 up. Default: `SPANCAST_PRICE_UPDATE_MS`, else never: prices are those of the installed version.
   */
  readonly priceUpdateMs?: number
  /**
   * Where newer prices come from: JSON in the form of that project's `data.json`, version 2. Given alone, it is
   * fetched once. Default: `SPANCAST_PRICE_DATA_URL`, else that project's newest.
   */
  readonly priceDataUrl?: string
  /**
   * How much is kept of runs and for how long, and how much waits for a bridge. Default: `SPANCAST_MAX_EVENTS` and
   * its like, then the defaults.
   */
  readonly limits?: Partial<RunLimits & LinkLimits>
  /** Whether run ids that arrive from other processes are taken over. Default `SPANCAST_JOIN_RUNS`, else `false`. */
  readonly joinRuns?: JoinRuns
  /**
   * What a run is that nobody has named: a trace (`'trace'`), or all traces of a conversation (`'conversation'`),
   * where spans name one. Default `SPANCAST_RUN_BY`, else `'trace'`.
   */
  readonly runBy?: RunBy
  /**
   * Whether an event that is added to an observed span (`span.addEvent`) is live at that moment, as those of `emit`
   * are. Default `SPANCAST_LIVE_SPAN_EVENTS`, else `false`.
   */
  readonly liveSpanEvents?: boolean
}

/** A running setup. */
export interface Started {
  /** Where this process's runs are recorded. */
  readonly registry: ObserverRegistry
  /** What became of the events on their way to the bridge; `undefined` without a `bridgeUrl`. */
  readonly link: LinkCounts | undefined
  /** Exports what is waiting. Rejects if the exporter does. */
  forceFlush(): Promise<void>
  /** Exports what is waiting and stops. Calling it twice is harmless. */
  shutdown(): Promise<void>
}

const FLUSH_AT_EXIT_MS = 2000

let running: Started | undefined

/**
 * Sets up OpenTelemetry for this process: a provider that records live events, and exports spans if there is a
 * receiver. A second call returns what is running. Flushes before the process exits, at most 2 s; installs no
 * signal handler.
 *
 * @throws SpancastError `missing-peer` with the install line, `invalid-option`, or `provider-exists` if the
 * application has a provider already, which then wants an `AgentEventProcessor`.
 */
export function start(options: StartOptions = {}): Started {
  if (running !== undefined) return running
  const env = readEnvironment(process.env)
  configure(contentOptions(options, env))
  const registry = ObserverRegistry.getInstance()
  const { maxLinkBytes, maxLinkEvents, ...limits } = { ...env.limits, ...options.limits }
  if (Object.keys(limits).length > 0) registry.setLimits(limits)
  running = env.disabled ? idle(registry) : launch(options, env, registry)
  return running
}

function launch(options: StartOptions, env: Environment, registry: ObserverRegistry): Started {
  if (currentTracer() !== undefined) {
    throw new SpancastError(
      'provider-exists',
      'This process has an OpenTelemetry provider already. In place of start(), add new AgentEventProcessor() to its spanProcessors.',
    )
  }
  const { BatchSpanProcessor, NodeTracerProvider } = peers.traceNode()
  const { AsyncLocalStorageContextManager } = peers.hooks()
  const bridgeUrl = options.bridgeUrl ?? env.bridgeUrl
  const bridgeToken = options.bridgeToken ?? env.bridgeToken
  const otlpUrl = options.otlpUrl ?? env.otlpUrl
  const { otelExport } = env
  const exporters = spanExporters({ otlpUrl, bridgeUrl, bridgeToken, otelExport }, FLUSH_AT_EXIT_MS)
  const resource = resourceOf(options.serviceName ?? env.serviceName)
  const link =
    bridgeUrl === undefined
      ? undefined
      : new LiveLink({
          registry,
          url: receiverUrl(bridgeUrl, 'v1/logs', 'bridgeUrl'),
          token: bridgeToken,
          serviceName: textOf(resource.attributes[SERVICE_NAME]),
          limits: { ...env.limits, ...options.limits },
        })
  const updates = askedUpdates(
    options.priceUpdateMs ?? env.priceUpdateMs,
    options.priceDataUrl ?? env.priceDataUrl,
  )
  const live = new AgentEventProcessor({
    registry,
    prices: options.prices,
    joinRuns: options.joinRuns ?? env.joinRuns,
    runBy: options.runBy ?? env.runBy,
    liveSpanEvents: options.liveSpanEvents ?? env.liveSpanEvents,
  })
  const provider = new NodeTracerProvider({
    resource,
    sampler: liveSampler(samplerFromEnv(process.env)),
    spanProcessors: [live, ...exporters.map((exporter) => new BatchSpanProcessor(exporter))],
  })
  const { CompositePropagator, W3CBaggagePropagator, W3CTraceContextPropagator } = peers.core()
  const propagators = [new W3CTraceContextPropagator(), new W3CBaggagePropagator()]
  provider.register({
    contextManager: new AsyncLocalStorageContextManager().enable(),
    propagator: new CallingPropagator(new CompositePropagator({ propagators })),
  })
  const flushAtExit = (): void => {
    const calmDown = exporters.map((exporter) => exporter.hurry())
    void link?.flush(FLUSH_AT_EXIT_MS)
    void provider
      .forceFlush()
      .catch(() => {})
      .finally(() => {
        for (const calm of calmDown) calm()
      })
  }
  process.once('beforeExit', flushAtExit)
  let stopped: Promise<void> | undefined
  return {
    registry,
    get link() {
      return link?.counts
    },
    forceFlush: async () => {
      await Promise.all([provider.forceFlush(), link?.flush()])
    },
    shutdown: () => {
      process.off('beforeExit', flushAtExit)
      updates?.stop()
      stopped ??= Promise.all([provider.shutdown(), link?.close()]).then(() => {})
      return stopped
    },
  }
}

function idle(registry: ObserverRegistry): Started {
  return { registry, link: undefined, forceFlush: async () => {}, shutdown: async () => {} }
}

function contentOptions(options: StartOptions, env: Environment): ContentOptions {
  const live = options.capture?.live ?? env.captureLive
  const spans = options.capture?.spans ?? env.captureSpans
  const maxContentBytes = options.maxContentBytes ?? env.maxContentBytes
  return {
    capture: { ...(live !== undefined && { live }), ...(spans !== undefined && { spans }) },
    ...(options.redact !== undefined && { redact: options.redact }),
    ...(maxContentBytes !== undefined && { maxContentBytes }),
  }
}

function resourceOf(serviceName: string | undefined): import('@opentelemetry/resources').Resource {
  const { defaultResource, detectResources, envDetector, resourceFromAttributes } =
    peers.resources()
  const found = defaultResource().merge(detectResources({ detectors: [envDetector] }))
  return serviceName === undefined
    ? found
    : found.merge(resourceFromAttributes({ [SERVICE_NAME]: serviceName }))
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined
}
