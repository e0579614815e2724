import type { RunLife, RunOutcome } from '../observer/run-life.ts'

/**
 * Who says that a run is over; the later ones know better: a span whose parent is in another process, a span that has
 * no parent, the span that opened the run, or the run's own end over a link.
 */
export type EndedBy = 'part' | 'trace' | 'run' | 'link'

const RANK: Readonly<Record<EndedBy, number>> = { part: 1, trace: 2, run: 3, link: 4 }

/** When a run that others record is over: at its end, if its process tells it; else some time after a root has ended. */
export class RunEnding {
  readonly #life: RunLife
  readonly #graceMs: number
  #outcome: RunOutcome | undefined
  #rank = 0
  /** Whoever ranks lower may not end the run. */
  #least = RANK.part
  #timer: ReturnType<typeof setTimeout> | undefined
  #quiet: ReturnType<typeof setTimeout> | undefined

  constructor(life: RunLife, graceMs: number) {
    this.#life = life
    this.#graceMs = graceMs
  }

  /** Whether the run's process has told its end, so that only what is missing is waited for. */
  get isTold(): boolean {
    return this.#rank === RANK.link
  }

  /** There is a link: what ends below `from` does not end the run, nor has it. */
  expect(from: EndedBy): void {
    if (RANK[from] <= this.#least) return
    this.#least = RANK[from]
    if (this.#rank >= this.#least) return
    this.#rank = 0
    this.#outcome = undefined
    this.#stop()
  }

  /** A root has ended, or the run has. Ends it when the grace is over, unless `finish` does before. */
  ended(by: EndedBy, outcome: RunOutcome): void {
    const rank = RANK[by]
    if (rank < this.#least || this.isTold) return
    if (rank >= this.#rank) {
      this.#rank = rank
      this.#outcome = outcome
    }
    this.#stop()
    this.#timer = setTimeout(() => this.finish(), this.#graceMs)
    this.#timer.unref?.()
  }

  /** The root that ended last came earlier than it was told: at this time, in milliseconds since the Unix epoch. */
  rootCameAt(at: number): void {
    if (this.#timer === undefined) return
    clearTimeout(this.#timer)
    this.#timer = setTimeout(() => this.finish(), Math.max(0, at + this.#graceMs - Date.now()))
    this.#timer.unref?.()
  }

  /** Ends it once nothing has come for so long, at the latest when the grace is over. Each call begins anew. */
  finishWhenQuiet(ms: number): void {
    clearTimeout(this.#quiet)
    this.#quiet = setTimeout(() => this.finish(), ms)
    this.#quiet.unref?.()
  }

  /** More is under way than it seemed: it is not over as soon as it is quiet. */
  stay(): void {
    clearTimeout(this.#quiet)
  }

  finish(): void {
    this.#stop()
    // A copy: what an outcome works out only now must not change any more.
    if (this.#outcome !== undefined && this.#life.running) this.#life.finish({ ...this.#outcome })
  }

  #stop(): void {
    clearTimeout(this.#timer)
    clearTimeout(this.#quiet)
    this.#timer = undefined
  }
}
