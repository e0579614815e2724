import { BoundedMap } from './bounded-map.ts'
import type { CollectedRun } from './collected-run.ts'
import { IdTable } from './id-table.ts'
import { writeWords } from './id-words.ts'
import { TRACE_WORDS } from './other-spans.ts'

const MAX_TRACES = 50_000
// A trace of more runs works: its oldest are found by their names alone.
const MAX_RUNS_OF_TRACE = 64

const NONE: readonly CollectedRun[] = []

interface Bound {
  readonly randomId: string
  /** Weak: what is let go must not be kept for its trace. */
  readonly ref: WeakRef<CollectedRun>
}

/** Which runs the spans of a trace belong to, also after those runs are gone. */
export class TraceRuns {
  /** The ids of those that had a run, as numbers: what other spans ask is answered without making any text. */
  readonly #known = new IdTable(TRACE_WORDS, TRACE_WORDS, 2 * MAX_TRACES + 1)
  readonly #row = new Uint32Array(TRACE_WORDS)
  readonly #traces = new BoundedMap<string, readonly Bound[]>(MAX_TRACES)
  /** Names that a span without events has told, before any that has some. */
  readonly #wanted = new BoundedMap<string, string>(MAX_TRACES)

  /** Whether the trace of this id, four numbers from `at` on, may have runs; no means that it has none. */
  mayKnow(ids: Uint32Array, at: number): boolean {
    return this.#known.get(ids, at)
  }

  /** The trace's runs that are still kept, in the order of their arrival. */
  runs(traceId: string): readonly CollectedRun[] {
    const bound = this.#traces.get(traceId)
    if (bound === undefined) return NONE
    const [first] = bound
    if (bound.length === 1 && first !== undefined) {
      const run = first.ref.deref()
      return run === undefined || run.observer.disposed ? NONE : run.alone
    }
    return bound.flatMap(({ ref }) => {
      const run = ref.deref()
      return run === undefined || run.observer.disposed ? [] : [run]
    })
  }

  /** Whether the trace had a run; one of that id, if one is given. */
  knows(traceId: string, randomId?: string): boolean {
    const bound = this.#traces.get(traceId)
    if (randomId === undefined) return bound !== undefined
    return bound?.some((one) => one.randomId === randomId) === true
  }

  has(traceId: string, run: CollectedRun): boolean {
    return this.#traces.get(traceId)?.some(({ ref }) => ref.deref() === run) === true
  }

  bind(traceId: string, run: CollectedRun): void {
    const bound = this.#traces.get(traceId) ?? []
    if (bound.length > 0 && this.has(traceId, run)) return
    const one = { randomId: run.observer.randomId, ref: new WeakRef(run) }
    writeWords(traceId, this.#row, 0)
    this.#known.set(this.#row, 0)
    this.#traces.set(traceId, [...bound, one].slice(-MAX_RUNS_OF_TRACE))
  }

  /** Spans of this trace wait to be read: they may have runs. */
  expect(traceId: string): void {
    writeWords(traceId, this.#row, 0)
    this.#known.set(this.#row, 0)
  }

  wanted(traceId: string): string | undefined {
    return this.#wanted.get(traceId)
  }

  want(traceId: string, randomId: string): void {
    this.#wanted.set(traceId, randomId)
  }
}
