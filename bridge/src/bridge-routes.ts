import type { Request } from 'express'
import type { BridgeConfig } from './config/bridge-config.ts'
import type { Metric } from './metrics/exposition.ts'
import { ASSETS } from './page/page-files.ts'
import { cancelRoute } from './routes/cancel.ts'
import { eventsRoute } from './routes/events.ts'
import { healthRoute, readyRoute } from './routes/health.ts'
import { invokeRoute } from './routes/invoke.ts'
import { jsonBody } from './routes/json-body.ts'
import { listStreamRoute } from './routes/list-stream.ts'
import { metricsRoute } from './routes/metrics.ts'
import { namespaceStreamRoute } from './routes/namespace-stream.ts'
import { logsRoute, metricsIntakeRoute, type OtlpDeps, tracesRoute } from './routes/otlp.ts'
import { pageRoutes } from './routes/page.ts'
import { validNamespace, validRunId } from './routes/params.ts'
import type { RouteSpec } from './routes/route-table.ts'
import { runStreamRoute } from './routes/run-stream.ts'
import { listRoute, summaryRoute } from './routes/runs.ts'
import { streamPath } from './routes/stream-url.ts'
import { tokenRoute } from './routes/token.ts'
import { workflowsRoute } from './routes/workflows.ts'
import type { StreamTokens } from './security/stream-tokens.ts'
import type { Streams } from './sse/streams.ts'
import type { RunStore } from './store/run-store.ts'
import type { Invocations } from './workflows/invocations.ts'

/** What the routes work with. */
export interface RouteDeps {
  readonly config: BridgeConfig
  readonly store: RunStore
  readonly streams: Streams
  readonly invocations: Invocations
  readonly streamTokens: StreamTokens
  metrics(): readonly Metric[]
  /** For OTLP; `undefined` where runs live in a store that spans are not folded into here. */
  readonly otlp: OtlpDeps | undefined
  closing(): boolean
}

/** Every path of the bridge, what it asks for and what answers. The first that matches wins. */
export function bridgeRoutes(deps: RouteDeps): RouteSpec[] {
  const { token, limits, workflows } = deps.config
  const body = jsonBody({ maxBytes: limits.maxInvokeBytes, timeoutMs: limits.bodyTimeoutMs })
  const streamUrl = ({ baseUrl }: Request, randomId: string): string =>
    streamPath(
      baseUrl,
      randomId,
      token === undefined ? undefined : deps.streamTokens.mint(randomId).token,
    )
  const page = pageRoutes(deps.config)
  const run = '/api/agents/:randomId'
  return [
    // The busiest first: each path is tried against the request, in this order.
    ...(deps.otlp === undefined ? [] : otlpRoutes(deps.otlp)),
    open('/healthz', healthRoute),
    open('/readyz', readyRoute(deps)),
    get('/metrics', metricsRoute(deps)),
    post('/api/workflow/invoke', body, invokeRoute({ ...deps, streamUrl })),
    get('/api/workflows', workflowsRoute({ workflows })),
    get('/api/agents', listRoute(deps)),
    get('/api/agents/stream', listStreamRoute(deps)),
    get(run, validRunId, summaryRoute(deps)),
    ofRun(get(`${run}/stream`, validRunId, runStreamRoute(deps))),
    ofRun(get(`${run}/events`, validRunId, eventsRoute(deps))),
    post(`${run}/cancel`, validRunId, cancelRoute(deps)),
    post(`${run}/token`, validRunId, tokenRoute(deps)),
    get('/api/namespaces/:namespace/stream', validNamespace, namespaceStreamRoute(deps)),
    ofPage('/', page.top),
    ofPage('/runs/:randomId', page.run),
    ofPage(`/${ASSETS}/:file`, page.asset),
  ]
}

function otlpRoutes(otlp: OtlpDeps): RouteSpec[] {
  return [
    intake('/v1/traces', tracesRoute(otlp)),
    intake('/v1/logs', logsRoute(otlp)),
    intake('/v1/metrics', metricsIntakeRoute(otlp)),
  ]
}

function intake(path: string, handler: RouteSpec['handlers'][number]): RouteSpec {
  return { path, access: 'ingest', method: 'POST', handlers: [handler] }
}

function get(path: string, ...handlers: RouteSpec['handlers']): RouteSpec {
  return { path, access: 'all', method: 'GET', handlers }
}

function post(path: string, ...handlers: RouteSpec['handlers']): RouteSpec {
  return { path, access: 'all', method: 'POST', handlers }
}

function open(path: string, handler: RouteSpec['handlers'][number]): RouteSpec {
  return { path, access: 'open', method: 'GET', handlers: [handler] }
}

function ofPage(path: string, handler: RouteSpec['handlers'][number]): RouteSpec {
  return { path, access: 'page', method: 'GET', handlers: [handler] }
}

/** A stream token of the run is enough. */
function ofRun(spec: RouteSpec): RouteSpec {
  return { ...spec, access: 'run' }
}
