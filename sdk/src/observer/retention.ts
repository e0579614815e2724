import type { AgentObserver } from './agent-observer.ts'

/** Finished runs in the order of their ends, each let go when its time is over. One timer for all. */
export class Retention {
  readonly #keptMs: number
  readonly #expire: (observer: AgentObserver) => void
  readonly #ended = new Map<AgentObserver, number>()
  #timer: ReturnType<typeof setTimeout> | undefined

  constructor(keptMs: number, expire: (observer: AgentObserver) => void) {
    this.#keptMs = keptMs
    this.#expire = expire
  }

  /** The run that has been over for longest. */
  get oldest(): AgentObserver | undefined {
    for (const observer of this.#ended.keys()) return observer
    return undefined
  }

  add(observer: AgentObserver): void {
    this.#ended.set(observer, Date.now() + this.#keptMs)
    if (this.#timer === undefined) this.#wait()
  }

  delete(observer: AgentObserver): void {
    this.#ended.delete(observer)
  }

  #wait(): void {
    this.#timer = undefined
    for (const due of this.#ended.values()) {
      this.#timer = setTimeout(() => this.#expireDue(), Math.max(0, due - Date.now()))
      this.#timer.unref?.()
      return
    }
  }

  #expireDue(): void {
    const now = Date.now()
    for (const [observer, due] of this.#ended) {
      if (due > now) break
      this.#ended.delete(observer)
      this.#expire(observer)
    }
    this.#wait()
  }
}
