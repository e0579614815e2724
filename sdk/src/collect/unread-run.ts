import type { AgentObserver } from '../observer/agent-observer.ts'
import type { RunLife } from '../observer/run-life.ts'
import type { Unread } from '../observer/unread.ts'
import type { CollectedRun } from './collected-run.ts'
import type { SpanBundle } from './span-bundle.ts'

// Somebody who looks waits until all of it is told.
const MAX_SPANS = 512
const MAX_BYTES = 1024 * 1024
/** What there is of it beside its spans, roughly. */
const RUN_BYTES = 800

/** Who folds what an unread run is made of. */
export interface Reader {
  /** Folds a bundle of its spans. */
  fold(bundle: SpanBundle): void
  /** The run, after that; `undefined` if there was nothing to be folded. */
  runOf(unread: UnreadRun): CollectedRun | undefined
  /** The run is read, or gone. */
  forget(unread: UnreadRun, isRead: boolean): void
}

/** A run of spans that nobody has told apart yet. */
export class UnreadRun implements Unread {
  readonly traceId: string
  readonly observer: AgentObserver
  bytes: number = RUN_BYTES
  /** Spans that may concern agents. */
  size = 0
  /** When the last root came, in milliseconds since the Unix epoch. */
  rootAt: number | undefined
  /** How that came out. */
  outcome: 'ok' | 'error' = 'ok'
  readonly #reader: Reader
  readonly #life: RunLife
  #bundles: SpanBundle[] = []

  constructor(traceId: string, observer: AgentObserver, reader: Reader) {
    this.traceId = traceId
    this.observer = observer
    this.#reader = reader
    this.#life = observer.postpone(this)
  }

  /** Each span starts and ends, and the run starts. */
  get events(): number {
    return 1 + 2 * this.size
  }

  /**
   * Whether it is small enough, with so much more, to be read in one go and to be kept as it is.
   *
   * @param maxRunBytes - What one run may hold.
   */
  hasRoom(size: number, bytes: number, maxRunBytes: number): boolean {
    const maxBytes = Math.min(MAX_BYTES, maxRunBytes)
    return this.size + size <= MAX_SPANS && this.bytes + bytes <= maxBytes
  }

  /** @param outcome - How a root came out that has ended now. */
  add(bundle: SpanBundle, outcome: UnreadRun['outcome'] | undefined): void {
    const now = Date.now()
    this.#bundles.push(bundle)
    this.size += bundle.size
    if (outcome !== undefined) {
      this.rootAt = now
      this.outcome = outcome
    }
    // What concerns no agent is no sign of life.
    if (bundle.size > 0) this.#life.lastSeenAt = now
    this.bytes += bundle.bytes
    this.observer.grew(bundle.bytes)
  }

  /** It is over, as its last root came out. @param followed - Whether somebody is to hear of that. */
  end(followed: boolean): void {
    if (!followed) {
      this.#life.finish({ status: this.outcome, timestamp: Date.now() })
      return
    }
    this.observer.read()
    this.#reader.runOf(this)?.ending.finish()
  }

  read(): void {
    const life = this.#life
    const { status, endedAt, watchedSince, lastSeenAt } = life
    const bundles = this.#bundles
    this.#bundles = []
    this.#reader.forget(this, true)
    life.unroll()
    for (const bundle of bundles) this.#reader.fold(bundle)
    life.watchedSince = watchedSince
    life.lastSeenAt = lastSeenAt
    const run = this.#reader.runOf(this)
    if (status === 'running') {
      if (this.rootAt !== undefined) run?.ending.rootCameAt(this.rootAt)
      return
    }
    if (status !== 'abandoned') run?.ending.finish()
    if (life.running) life.finish({ status: 'abandoned', timestamp: endedAt ?? lastSeenAt })
  }

  dropped(): void {
    this.#bundles = []
    this.#reader.forget(this, false)
  }
}
