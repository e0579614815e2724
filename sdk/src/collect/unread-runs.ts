import type { ObserverRegistry } from '../observer/observer-registry.ts'
import type { SpanBundle } from './span-bundle.ts'
import { type Reader, UnreadRun } from './unread-run.ts'

/** Runs whose spans are kept as they came until somebody looks, and the time at which each is over. */
export class UnreadRuns {
  readonly #registry: ObserverRegistry
  readonly #reader: Reader
  readonly #byTrace = new Map<string, UnreadRun>()
  // A queue with its head apart. Each waits as long as the others, so that they come in the order of their ends.
  #roots: { readonly unread: UnreadRun; readonly rootAt: number }[] = []
  #head = 0
  #timer: ReturnType<typeof setTimeout> | undefined
  /** Spans that were let go unread. */
  dropped = 0

  constructor(registry: ObserverRegistry, reader: Omit<Reader, 'forget'>) {
    this.#registry = registry
    this.#reader = {
      ...reader,
      forget: ({ traceId, size }, isRead) => {
        this.#byTrace.delete(traceId)
        if (!isRead) this.dropped += size
      },
    }
  }

  get size(): number {
    return this.#byTrace.size
  }

  get(traceId: string): UnreadRun | undefined {
    return this.#byTrace.get(traceId)
  }

  /** Has the run of this trace told, if it has not been. */
  read(traceId: string): void {
    if (this.#byTrace.size > 0) this.#byTrace.get(traceId)?.observer.read()
  }

  /**
   * Begins a run of that trace, or goes on with it.
   *
   * @param hadRoot - Whether a root of the trace has ended that nobody had a run for.
   */
  add(bundle: SpanBundle, hadRoot: boolean): void {
    const { traceId } = bundle
    let unread = this.#byTrace.get(traceId)
    if (unread === undefined) {
      const observer = this.#registry.create(traceId)
      observer.life.elsewhere = true
      unread = new UnreadRun(traceId, observer, this.#reader)
      this.#byTrace.set(traceId, unread)
    }
    const outcome = bundle.outcome ?? (hadRoot && unread.rootAt === undefined ? 'ok' : undefined)
    unread.add(bundle, outcome)
    if (outcome !== undefined && unread.rootAt !== undefined) {
      this.#roots.push({ unread, rootAt: unread.rootAt })
      // Those that are gone go first mostly.
      this.#first()
      if (this.#timer === undefined) this.#wait()
    }
    // It may have been too much at once.
    if (!unread.hasRoom(0, 0, this.#registry.limits.maxRunBytes)) unread.observer.read()
  }

  #wait(): void {
    const first = this.#first()
    this.#timer = undefined
    if (first === undefined) return
    const due = first.rootAt + this.#registry.limits.runGraceMs
    this.#timer = setTimeout(() => this.#end(), Math.max(0, due - Date.now()))
    this.#timer.unref?.()
  }

  /** The root that has waited for longest, of runs that are still unread and have had no other since. */
  #first(): { readonly unread: UnreadRun; readonly rootAt: number } | undefined {
    let first = this.#roots[this.#head]
    while (first !== undefined && !this.#waits(first)) first = this.#roots[++this.#head]
    if (this.#head > 1024 && this.#head * 2 > this.#roots.length) {
      this.#roots = this.#roots.slice(this.#head)
      this.#head = 0
    }
    return first
  }

  #waits({ unread, rootAt }: { readonly unread: UnreadRun; readonly rootAt: number }): boolean {
    return this.#byTrace.get(unread.traceId) === unread && unread.rootAt === rootAt
  }

  #end(): void {
    const latest = Date.now() - this.#registry.limits.runGraceMs
    for (
      let first = this.#first();
      first !== undefined && first.rootAt <= latest;
      first = this.#first()
    ) {
      this.#head++
      first.unread.end(this.#registry.followed)
    }
    this.#wait()
  }
}
