import type { Clock } from './clock.ts'

/** What the operator should hear of. `message` is a sentence for people; the rest is for programs. */
export type ForwardNotice = { readonly message: string } & (
  | {
      /** Said when it begins, and again while it lasts. */
      readonly type: 'upstream.unreachable'
      readonly reason: string
      readonly queuedRequests: number
    }
  | { readonly type: 'upstream.back'; readonly queuedRequests: number }
  | { readonly type: 'request.dropped'; readonly reason: string; readonly path: string }
  | { readonly type: 'queue.full'; readonly queuedBytes: number }
  | { readonly type: 'spool.failed'; readonly reason: string }
  | { readonly type: 'spool.bad'; readonly file: string; readonly reason: string }
)

/** Tells each kind of notice at most once in a while. */
export class Notices {
  readonly #onNotice: (notice: ForwardNotice) => void
  readonly #everyMs: number
  readonly #clock: Clock
  readonly #toldAt = new Map<ForwardNotice['type'], number>()
  #toldUnreachable = false

  constructor(onNotice: (notice: ForwardNotice) => void, everyMs: number, clock: Clock) {
    this.#onNotice = onNotice
    this.#everyMs = everyMs
    this.#clock = clock
  }

  tell(notice: ForwardNotice): void {
    const { type } = notice
    if (type === 'upstream.back') {
      // The end of what was told is told too, however soon it comes.
      if (!this.#toldUnreachable) return
      this.#toldUnreachable = false
    } else {
      const now = this.#clock.now()
      const before = this.#toldAt.get(type)
      if (before !== undefined && Math.abs(now - before) < this.#everyMs) return
      this.#toldAt.set(type, now)
      if (type === 'upstream.unreachable') this.#toldUnreachable = true
    }
    try {
      this.#onNotice(notice)
    } catch {
      // Who listens must not stop what they listen to.
    }
  }
}
