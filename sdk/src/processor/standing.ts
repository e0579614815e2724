import type { SpanLink } from '../context/span-link.ts'
import { SpanRecord } from '../run/span-record.ts'
import { Place } from './place.ts'

/** Where a span stands for good: in its own record or that of a span above it, or at a place without one. */
export type Standing = SpanRecord | Place

export function isStanding(what: unknown): what is Standing {
  return what instanceof SpanRecord || what instanceof Place
}

/**
 * The link of a span that is not recognised and has no span, no run and no caller above it: nothing is kept of it
 * until something begins below it, for servers start thousands of them.
 */
export const ALONE: SpanLink = Object.freeze({ chunk() {}, event() {}, usage() {}, cost() {} })
