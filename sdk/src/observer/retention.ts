import type { AgentObserver } from './agent-observer.ts'

/** Finished runs in the order of their ends, each let go when its time is over. One timer for all. */
export class Retention {
  readonly #keptMs: number
  // A queue with its head apart: taking from the front of a Map or an array gets slow with thousands of runs.
  #queue: { readonly observer: AgentObserver; readonly due: number }[] = []
  #head = 0
  #timer: ReturnType<typeof setTimeout> | undefined

  constructor(keptMs: number) {
    this.#keptMs = keptMs
  }

  add(observer: AgentObserver): void {
    this.#queue.push({ observer, due: Date.now() + this.#keptMs })
    if (this.#timer === undefined) this.#wait()
  }

  /** The run that has been over for longest, of those that are still kept. */
  oldest(): AgentObserver | undefined {
    return this.#first()?.observer
  }

  #first(): { readonly observer: AgentObserver; readonly due: number } | undefined {
    let first = this.#queue[this.#head]
    while (first?.observer.disposed === true) first = this.#queue[++this.#head]
    if (this.#head > 1024 && this.#head * 2 > this.#queue.length) {
      this.#queue = this.#queue.slice(this.#head)
      this.#head = 0
    }
    return first
  }

  #wait(): void {
    const first = this.#first()
    this.#timer = undefined
    if (first === undefined) return
    this.#timer = setTimeout(() => this.#expire(), Math.max(0, first.due - Date.now()))
    this.#timer.unref?.()
  }

  #expire(): void {
    const now = Date.now()
    for (
      let first = this.#first();
      first !== undefined && first.due <= now;
      first = this.#first()
    ) {
      first.observer.dispose()
    }
    this.#wait()
  }
}
