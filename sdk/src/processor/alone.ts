import type { SpanLink } from '../context/span-link.ts'

/**
 * The link of a span that is not recognised and has no span, no run and no caller above it: nothing is kept of it
 * until something begins below it, for servers start thousands of them.
 */
export const ALONE: SpanLink = Object.freeze({ chunk() {}, event() {}, usage() {}, cost() {} })
