import type { RunSummary } from '../event/run-summary.ts'
import type { RunLife } from './run-life.ts'

/** The summary of a run as it stands. */
export function summarise(
  life: RunLife,
  buffer: Pick<RunSummary, 'randomId' | 'epoch' | 'lastSeq'>,
): RunSummary {
  return {
    randomId: buffer.randomId,
    name: life.name,
    status: life.status === 'unstarted' ? 'running' : life.status,
    startedAt: life.startedAt,
    ...(life.endedAt !== undefined && { endedAt: life.endedAt }),
    ...(life.duration !== undefined && { duration: life.duration }),
    lastSeenAt: life.seenAt,
    traceIds: [...life.traceIds],
    namespaces: [...life.namespaces],
    epoch: buffer.epoch,
    lastSeq: buffer.lastSeq,
    openSpans: life.openSpans,
    steps: life.steps,
    errors: life.errors,
    lateEvents: life.lateEvents,
    ...life.totals,
  }
}
