import type { RunSummary } from '../../event/run-summary.ts'
import { ProtocolError } from '../errors.ts'
import type { Heartbeat } from '../state/reduce.ts'
import type { Source } from './follow.ts'

/** How to read the summaries of all runs. */
export function listSource(
  given: Pick<Source<RunSummary>, 'signal' | 'nap' | 'connection'>,
): Source<RunSummary> {
  return { ...given, path: '/api/agents/stream', decode: summaryIn, endOf: endIn }
}

/** Whether it is a summary, and no heartbeat or control record. */
export function isSummary(value: RunSummary | Heartbeat | undefined): value is RunSummary {
  return value !== undefined && 'randomId' in value
}

/** Control records come through as they are: they tell why a stream ends. */
function summaryIn(value: unknown): RunSummary {
  const { randomId, startedAt, type } = (value ?? {}) as Partial<RunSummary & { type: string }>
  const isControl = randomId === undefined && typeof type === 'string'
  // The rest is as the bridge's contract says.
  if (isControl || (typeof randomId === 'string' && Number.isFinite(startedAt))) {
    return value as RunSummary
  }
  throw new ProtocolError('Expected the summary of a run, got something else.')
}

function endIn(value: RunSummary): string | undefined {
  const { type, reason } = value as Partial<{ type: string; reason: string }>
  return type === 'stream.end' ? reason : undefined
}
