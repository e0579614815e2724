import type { SpanProcessor } from '@opentelemetry/sdk-trace-node'
import { type ContentOptions, configure } from '../context/content-rules.ts'
import { SpancastError } from '../errors.ts'
import { currentTracer } from '../observe/tracer.ts'
import type { RunLimits } from '../observer/limits.ts'
import { ObserverRegistry } from '../observer/observer-registry.ts'
import { AgentEventProcessor, type JoinRuns } from '../processor/agent-event-processor.ts'
import type { Prices } from '../run/prices.ts'
import { sayOnce } from '../say-once.ts'
import { type Environment, readEnvironment } from './environment.ts'
import { liveSampler } from './live-sampler.ts'
import { peers } from './peers.ts'
import { samplerFromEnv } from './sampler-from-env.ts'

/** What `start` sets up. Options win over `SPANCAST_*` variables, these over `OTEL_*`. */
export interface StartOptions extends ContentOptions {
  /** The resource's `service.name`. Default: `SPANCAST_SERVICE_NAME`, `OTEL_SERVICE_NAME`, `unknown_service:node`. */
  readonly serviceName?: string
  /**
   * Base URL of an OTLP/HTTP receiver such as Jaeger: spans go to its `/v1/traces`. Default: `SPANCAST_OTLP_URL`,
   * then what `OTEL_EXPORTER_OTLP_*` say. Without any of them nothing is exported, which is said once.
   */
  readonly otlpUrl?: string
  /** What a model call costs, in US dollars. Default: unknown. */
  readonly prices?: Prices
  /** How much is kept of runs, and for how long. Default: `SPANCAST_MAX_EVENTS` and its like, then the defaults. */
  readonly limits?: Partial<RunLimits>
  /** Whether run ids that arrive from other processes are taken over. Default `SPANCAST_JOIN_RUNS`, else `false`. */
  readonly joinRuns?: JoinRuns
}

/** A running setup. */
export interface Started {
  /** Where this process's runs are recorded. */
  readonly registry: ObserverRegistry
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
  const limits = { ...env.limits, ...options.limits }
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
  const { NodeTracerProvider } = peers.traceNode()
  const { AsyncLocalStorageContextManager } = peers.hooks()
  const live = new AgentEventProcessor({
    registry,
    prices: options.prices,
    joinRuns: options.joinRuns ?? env.joinRuns,
  })
  const exporting = exportProcessor(options.otlpUrl ?? env.otlpUrl, env)
  const provider = new NodeTracerProvider({
    resource: resourceOf(options.serviceName ?? env.serviceName),
    sampler: liveSampler(samplerFromEnv(process.env)),
    spanProcessors: exporting === undefined ? [live] : [live, exporting],
  })
  provider.register({ contextManager: new AsyncLocalStorageContextManager().enable() })
  const flushAtExit = (): void => {
    void within(provider.forceFlush(), FLUSH_AT_EXIT_MS)
  }
  process.once('beforeExit', flushAtExit)
  let stopped: Promise<void> | undefined
  return {
    registry,
    forceFlush: () => provider.forceFlush(),
    shutdown: () => {
      process.off('beforeExit', flushAtExit)
      stopped ??= provider.shutdown()
      return stopped
    },
  }
}

function idle(registry: ObserverRegistry): Started {
  return { registry, forceFlush: async () => {}, shutdown: async () => {} }
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

function exportProcessor(otlpUrl: string | undefined, env: Environment): SpanProcessor | undefined {
  if (otlpUrl === undefined && !env.otelExport) {
    sayOnce(
      'SPANCAST_NOT_EXPORTING',
      'Spans are not exported: runs can be watched live, but no trace is kept. Set otlpUrl or OTEL_EXPORTER_OTLP_ENDPOINT, such as http://localhost:4318 for a local Jaeger.',
    )
    return undefined
  }
  const { OTLPTraceExporter } = peers.exporter()
  const exporter = new OTLPTraceExporter(otlpUrl === undefined ? {} : { url: tracesUrl(otlpUrl) })
  return new (peers.traceNode().BatchSpanProcessor)(exporter)
}

function tracesUrl(base: string): string {
  if (!URL.canParse(base) || !/^https?:$/.test(new URL(base).protocol)) {
    throw new SpancastError(
      'invalid-option',
      `Expected \`otlpUrl\` to be the base URL of an OTLP/HTTP receiver, such as http://localhost:4318, got ${base}.`,
    )
  }
  const url = new URL(base)
  url.pathname = `${url.pathname.replace(/\/+$/, '')}/v1/traces`
  return url.href
}

function resourceOf(serviceName: string | undefined): import('@opentelemetry/resources').Resource {
  const { defaultResource, detectResources, envDetector, resourceFromAttributes } =
    peers.resources()
  const found = defaultResource().merge(detectResources({ detectors: [envDetector] }))
  return serviceName === undefined
    ? found
    : found.merge(resourceFromAttributes({ 'service.name': serviceName }))
}

/** Waits for `work`, but not for ever: exit must not hang on a receiver that does not answer. */
async function within(work: Promise<void>, ms: number): Promise<void> {
  let timer: ReturnType<typeof setTimeout> | undefined
  const late = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, ms)
    timer.unref()
  })
  await Promise.race([work.catch(() => {}), late])
  clearTimeout(timer)
}
