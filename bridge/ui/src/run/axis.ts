const STEPS = [1, 2, 5]
const MAX_TICKS = 400

/** What part of the run's time is seen: all of it, or `from` and `length` in milliseconds. */
export interface View {
  readonly from: number
  readonly length: number
}

/** A step of 1, 2 or 5 that puts about `wanted` marks on a length. */
export function stepOf(length: number, wanted: number): number {
  const rough = Math.max(length, 0.1) / Math.max(1, wanted)
  const power = 10 ** Math.floor(Math.log10(rough))
  const step = STEPS.find((factor) => factor * power >= rough) ?? 10
  return step * power
}

/** The marks from `from` to `to`, which end themselves on marks. */
export function marksOf(from: number, to: number, step: number): readonly number[] {
  const marks: number[] = []
  for (let at = Math.ceil(from / step); at * step <= to && marks.length < MAX_TICKS; at++) {
    marks.push(at * step)
  }
  return marks
}
