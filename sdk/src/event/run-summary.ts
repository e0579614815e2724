import type { RunStatus } from './agent-event.ts'
import type { Totals } from './usage.ts'

/** One run at a glance. Times are milliseconds since the Unix epoch, `duration` is milliseconds. */
export interface RunSummary extends Totals {
  readonly randomId: string
  readonly name: string
  readonly status: 'running' | RunStatus
  readonly startedAt: number
  readonly endedAt?: number
  readonly duration?: number
  /** When the run last gave a sign of life. */
  readonly lastSeenAt: number
  readonly traceIds: readonly string[]
  readonly namespaces: readonly string[]
  /** Names this life of the run's buffer. */
  readonly epoch: string
  readonly lastSeq: number
  readonly openSpans: number
  /** Nodes, tool calls and model calls that were started. */
  readonly steps: number
  /** Those that failed. */
  readonly errors: number
  /** Events that came after the run's end: counted, not streamed. */
  readonly lateEvents: number
}
