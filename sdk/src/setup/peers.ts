import { createRequire } from 'node:module'
import { SpancastError } from '../errors.ts'

type TraceNode = typeof import('@opentelemetry/sdk-trace-node')
type Hooks = typeof import('@opentelemetry/context-async-hooks')
type Exporter = typeof import('@opentelemetry/exporter-trace-otlp-http')
type Resources = typeof import('@opentelemetry/resources')
type Core = typeof import('@opentelemetry/core')

const require = createRequire(import.meta.url)

/** The optional peers that a provider is built from. Loaded on demand: the main entry works without them. */
export const peers = {
  traceNode: (): TraceNode => load('@opentelemetry/sdk-trace-node') as TraceNode,
  hooks: (): Hooks => load('@opentelemetry/context-async-hooks') as Hooks,
  exporter: (): Exporter => load('@opentelemetry/exporter-trace-otlp-http') as Exporter,
  /** Comes with the tracer provider, and need not be where we could see it. */
  core: (): Core =>
    createRequire(require.resolve('@opentelemetry/sdk-trace-node'))('@opentelemetry/core') as Core,
  resources: (): Resources => load('@opentelemetry/resources') as Resources,
} as const

/** @throws SpancastError `missing-peer` with the line that installs it. */
function load(name: string): unknown {
  try {
    return require(name)
  } catch (error) {
    if ((error as { code?: unknown }).code !== 'MODULE_NOT_FOUND') throw error
    throw new SpancastError(
      'missing-peer',
      `start() needs ${name}, which is not installed. Run: npm install ${name}`,
      { cause: error },
    )
  }
}
