import type { SpanLink } from '../context/span-link.ts'
import type { Run } from './run.ts'
import type { SpanRecord } from './span-record.ts'

/** Marks what this copy of the SDK has made. */
export const STANDS: unique symbol = Symbol('stands')

/** Where a span stands for good: in its own record or that of a span above it, or at a place without one. */
export interface Standing extends SpanLink {
  /** A property, since this is asked for each span that starts and ends, where `instanceof` costs too much. */
  readonly stands: typeof STANDS
  /** The run, if it is known already. */
  readonly run: Run | undefined
  /** The record, if there is one already. */
  readonly record: SpanRecord | undefined
}

export function isStanding(link: SpanLink | undefined): link is Standing {
  return link !== undefined && (link as Partial<Standing>).stands === STANDS
}
