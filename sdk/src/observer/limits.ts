import { SpancastError } from '../errors.ts'

/** How much is kept of runs, and for how long. All whole numbers from 1 up. */
export interface RunLimits {
  /** Events kept per run; the oldest goes first. Default 1 000. */
  readonly maxEvents: number
  /** Streamed chunks kept per run, beside the events. Default 1 000. */
  readonly maxChunks: number
  /** Estimated bytes kept of one run: chunks go first, then the oldest events. Default 16 MiB. */
  readonly maxRunBytes: number
  /** Estimated bytes kept of all runs together: whole runs go, as with `maxRuns`. Default 512 MiB. */
  readonly maxTotalBytes: number
  /** Runs kept: the oldest finished go first, then the longest silent, as `abandoned`. Default 10 000. */
  readonly maxRuns: number
  /** How long a run is kept after its end, in milliseconds. Default 5 minutes. */
  readonly retentionMs: number
  /** Silence after which a run is abandoned, in milliseconds. Default 2 minutes. */
  readonly runIdleMs: number
  /** How long a run waits for open spans after its root has ended, in milliseconds. Default 10 s. */
  readonly runGraceMs: number
  /** Longest run, in milliseconds; then it is abandoned whatever is open. Default 24 h. */
  readonly maxRunMs: number
}

const MIB = 1024 * 1024
const MINUTE = 60_000

export const DEFAULT_RUN_LIMITS: RunLimits = Object.freeze({
  maxEvents: 1000,
  maxChunks: 1000,
  maxRunBytes: 16 * MIB,
  maxTotalBytes: 512 * MIB,
  maxRuns: 10_000,
  retentionMs: 5 * MINUTE,
  runIdleMs: 2 * MINUTE,
  runGraceMs: 10_000,
  maxRunMs: 24 * 60 * MINUTE,
})

/**
 * The limits with defaults for what is not given.
 *
 * @throws SpancastError `invalid-option` for a value that is no whole number from 1 up, or a name that is no limit.
 */
export function runLimits(given: Partial<RunLimits> = {}): RunLimits {
  const limits: Record<string, number> = { ...DEFAULT_RUN_LIMITS }
  for (const [name, value] of Object.entries(given)) {
    if (value === undefined) continue
    if (!Object.hasOwn(DEFAULT_RUN_LIMITS, name)) {
      const known = Object.keys(DEFAULT_RUN_LIMITS).join(', ')
      throw new SpancastError('invalid-option', `Expected a limit of ${known}, got \`${name}\`.`)
    }
    if (!Number.isSafeInteger(value) || value < 1) {
      throw new SpancastError(
        'invalid-option',
        `Expected \`${name}\` to be a whole number from 1 up, got ${String(value)}.`,
      )
    }
    limits[name] = value
  }
  return limits as unknown as RunLimits
}
