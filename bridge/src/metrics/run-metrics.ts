import type { ObserverRegistry, RunSummary } from '@spancast/sdk'
import { byLabel, type Metric, single } from './exposition.ts'

/** What registries hold now. Gauges: what a run counted goes when the run does. */
export function runMetrics(registries: readonly ObserverRegistry[]): Metric[] {
  const runs: Record<RunSummary['status'], number> = {
    running: 0,
    ok: 0,
    error: 0,
    cancelled: 0,
    abandoned: 0,
  }
  let stamped = 0
  let overwritten = 0
  let late = 0
  for (const observer of registries.flatMap((registry) => registry.list())) {
    const { status, events, overwritten: gone, lateEvents } = observer.tally
    runs[status === 'unstarted' ? 'running' : status]++
    stamped += events
    overwritten += gone
    late += lateEvents
  }
  const bytes = registries.reduce((sum, registry) => sum + registry.bytes, 0)
  return [
    byLabel('spancast_runs', 'gauge', 'Runs kept.', 'status', runs),
    single('spancast_run_events', 'gauge', 'Events of the runs kept.', stamped),
    single(
      'spancast_run_events_evicted',
      'gauge',
      'Those of them that the rings have overwritten.',
      overwritten,
    ),
    single('spancast_late_events', 'gauge', 'Events that came after the end of a run kept.', late),
    single('spancast_run_bytes', 'gauge', 'Estimated bytes that the runs hold.', bytes),
  ]
}
