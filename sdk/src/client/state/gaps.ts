import type { EventGap, RunState } from './run-state.ts'

/** The gaps and one more. Those that touch or overlap are joined, so that what is told twice is there once. */
export function withGap(gaps: readonly EventGap[], gap: EventGap): readonly EventGap[] {
  let { from, to } = gap
  const apart: EventGap[] = []
  for (const one of gaps) {
    if (one.to + 1 < from || one.from > to + 1) apart.push(one)
    else {
      from = Math.min(from, one.from)
      to = Math.max(to, one.to)
    }
  }
  apart.push({ reason: 'overwritten', from, to })
  return apart.sort((a, b) => a.from - b.from)
}

/** How many events of a gap are missing: all of it, less what survived and is in the log. */
export function missingIn({ log }: Pick<RunState, 'log'>, { from, to }: EventGap): number {
  return to - from + 1 - (log.indexFrom(to + 1) - log.indexFrom(from))
}
