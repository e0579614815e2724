import { setImmediate as turn } from 'node:timers/promises'

const SLICE_MS = 4

/** Does work that pauses by itself, and lets others have their turn where it pauses, every 4 ms or so. */
export async function inSlices<Result>(work: Generator<void, Result>): Promise<Result> {
  let until = performance.now() + SLICE_MS
  for (let step = work.next(); ; step = work.next()) {
    if (step.done === true) return step.value
    if (performance.now() < until) continue
    await turn()
    until = performance.now() + SLICE_MS
  }
}
