/**
 * What the one who opens a span knows beside its attributes, handed to the processors in the same synchronous
 * step. `startSpan` and `end` call every processor before they return, so one slot is enough: it is filled right
 * before and emptied right after. Content goes this way because attributes would take it to every exporter.
 *
 * The slot is shared by all copies of the SDK in a process.
 */
export interface Handoff {
  /** Name of the span that the slot is about; `undefined` when it is empty. */
  spanName: string | undefined
  /** Arguments of the call; `NOTHING` when they are not to be captured. */
  input: unknown
  /** Result of the call; `NOTHING` when there is none or it is not to be captured. */
  output: unknown
  /** What was thrown; `NOTHING` when nothing was. */
  error: unknown
  /** Milliseconds that the caller measured; they win over the span's own. */
  duration: number | undefined
  /** Whether the event that is being added to a span was told already, as one of the run's own. */
  eventIsTold: boolean
  /** How many processors of this process take content. With none, nobody needs to fill the slot. */
  takers: number
}

/** Tells "no value" from `undefined`, which is a value that a function may return. */
export const NOTHING: unique symbol = Symbol.for('spancast.nothing.v1') as never

const KEY = Symbol.for('spancast.handoff.v1')
const shared = globalThis as { [KEY]?: Handoff }

shared[KEY] ??= {
  spanName: undefined,
  input: NOTHING,
  output: NOTHING,
  error: NOTHING,
  duration: undefined,
  eventIsTold: false,
  takers: 0,
}

export const handoff: Handoff = shared[KEY]

/** Empties the slot, so that it keeps nothing alive. */
export function clearHandoff(): void {
  handoff.spanName = undefined
  handoff.input = NOTHING
  handoff.output = NOTHING
  handoff.error = NOTHING
  handoff.duration = undefined
}
