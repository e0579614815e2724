import type { RunLife } from './run-life.ts'

/** A run in figures. */
export interface RunTally {
  readonly status: RunLife['status']
  /** Events that it has had: at least, while nobody has read them. */
  readonly events: number
  /** Those of them that the ring has overwritten. */
  readonly overwritten: number
  readonly lateEvents: number
}
