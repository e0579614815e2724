import type { RunState } from '../state/run-state.ts'

/** A state as plain values: what two states that say the same have in common. */
export function plain(state: RunState): unknown {
  const { spans, rootIds, openIds, errorIds, textIds, log, ...rest } = state
  const rows = [...spans].map(({ childIds, textLinks, reasoningLinks, ...span }) => ({
    ...span,
    childIds: [...childIds],
  }))
  return {
    ...rest,
    spans: rows.sort((a, b) => (a.spanId < b.spanId ? -1 : 1)),
    rootIds: [...rootIds],
    openIds: [...openIds],
    errorIds: [...errorIds],
    textIds: [...textIds],
    log: [...log],
  }
}
