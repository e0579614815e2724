import { type EventGap, missingIn, type RunState } from '@spancast/sdk/client'

/** Events that are not here: how many, and within which numbers. */
export interface Missing extends EventGap {
  readonly count: number
}

/** Where something is missing. A gap of which all has survived is none. */
export function gapsOf(state: Pick<RunState, 'log' | 'gaps'>): readonly Missing[] {
  return state.gaps
    .map((gap) => ({ ...gap, count: missingIn(state, gap) }))
    .filter(({ count }) => count > 0)
}
