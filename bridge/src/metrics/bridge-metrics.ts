import type { ObserverRegistry } from '@spancast/sdk'
import type { Forwarder } from '../forward/forwarder.ts'
import type { Ingest } from '../otlp/ingest.ts'
import type { Streams } from '../sse/streams.ts'
import type { RunStore } from '../store/run-store.ts'
import type { Invocations } from '../workflows/invocations.ts'
import { byLabel, type Metric, single } from './exposition.ts'
import { forwardMetrics, ingestMetrics } from './otlp-metrics.ts'
import type { ProblemCounts } from './problem-counts.ts'
import { runMetrics } from './run-metrics.ts'

export interface MetricSources {
  /** Whose runs are counted; `undefined` where they live in a store that this bridge shares. */
  readonly registry: ObserverRegistry | undefined
  readonly store: RunStore
  readonly streams: Streams
  readonly invocations: Invocations
  readonly problems: ProblemCounts
  readonly ingest: Ingest | undefined
  readonly forwarder: Forwarder | undefined
  /** Of the same clock as `performance.now()`. */
  readonly startedAt: number
}

/** All that `/metrics` tells. */
export function bridgeMetrics(sources: MetricSources): Metric[] {
  const { registry, store, streams, invocations, problems, startedAt } = sources
  // Of a store that is shared, each bridge counts what it writes: together they count all.
  const registries = registry === undefined ? store.written?.() : [registry]
  const { running, succeeded, failed } = invocations.counts
  const { open, events, bytes, ended } = streams.stats()
  return [
    single('spancast_uptime_seconds', 'gauge', 'Age of the bridge.', uptime(startedAt)),
    ...(registries === undefined ? [] : runMetrics(registries)),
    ...storeMetrics(store),
    single('spancast_open_streams', 'gauge', 'Streams open now.', open),
    single('spancast_delivered_events_total', 'counter', 'Events sent on streams.', events),
    single('spancast_delivered_bytes_total', 'counter', 'Bytes sent on streams.', bytes),
    byLabel(
      'spancast_ended_streams_total',
      'counter',
      'Streams that the bridge ended.',
      'reason',
      ended,
    ),
    single('spancast_running_invocations', 'gauge', 'Workflows invoked here that run.', running),
    byLabel('spancast_invocations_total', 'counter', 'Workflows that are done.', 'outcome', {
      ok: succeeded,
      failed,
    }),
    ...(sources.ingest === undefined ? [] : ingestMetrics(sources.ingest)),
    ...(sources.forwarder === undefined ? [] : forwardMetrics(sources.forwarder.stats())),
    problems.metric(),
  ]
}

/** How it gets on with a store that it shares. */
function storeMetrics(store: RunStore): Metric[] {
  const ready = Number(store.ready())
  const stats = store.stats?.()
  const up = single('spancast_store_ready', 'gauge', '1 while the store answers.', ready)
  if (stats === undefined) return [up]
  const { calls, followed, shares } = stats
  return [
    up,
    single('spancast_store_calls_total', 'counter', 'What was asked of the store.', calls),
    single('spancast_store_followed_runs', 'gauge', 'Runs that are read here.', followed),
    single(
      'spancast_store_shares',
      'gauge',
      'Shares of what arrives that are folded here.',
      shares,
    ),
  ]
}

function uptime(startedAt: number): number {
  return Math.round(performance.now() - startedAt) / 1000
}
