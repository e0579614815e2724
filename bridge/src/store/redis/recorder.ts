import type { AgentObserver, ObserverRegistry } from '@spancast/sdk'
import { RunWriter, type WriterDeps } from './run-writer.ts'

const FLUSH_MS = 2000

/** Copies the runs that this very process records into the store. */
export class Recorder {
  readonly #deps: WriterDeps
  readonly #instance: string
  readonly #began: (observer: AgentObserver) => void
  readonly #writers = new Map<AgentObserver, RunWriter>()
  readonly #stop: () => void

  /** @param began - Called with each run before anything of it is written. */
  constructor(
    registry: ObserverRegistry,
    deps: WriterDeps,
    instance: string,
    began: (observer: AgentObserver) => void,
  ) {
    this.#deps = deps
    this.#instance = instance
    this.#began = began
    this.#stop = registry.listen({
      appended: (observer, entry) => this.#writer(observer).appended(entry),
      disposed: (observer) => this.#disposed(observer),
    })
    for (const observer of registry.list()) if (observer.lastSeq > 0) this.#writer(observer)
  }

  /** Tells the store what has changed without an event. */
  refresh(): void {
    for (const [observer, writer] of this.#writers) {
      if (observer.disposed && writer.idle) this.#writers.delete(observer)
      else writer.refresh()
    }
  }

  /** Writes what waits, for a moment, then nothing any more. */
  async close(): Promise<void> {
    this.#stop()
    const flushed = Promise.all([...this.#writers.values()].map((writer) => writer.flush()))
    let timer: NodeJS.Timeout | undefined
    const late = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, FLUSH_MS)
    })
    await Promise.race([flushed, late])
    clearTimeout(timer)
    for (const writer of this.#writers.values()) writer.stop()
    this.#writers.clear()
  }

  #writer(observer: AgentObserver): RunWriter {
    let writer = this.#writers.get(observer)
    if (writer !== undefined) return writer
    this.#began(observer)
    writer = new RunWriter(this.#deps, {
      observer,
      writer: `${this.#instance}.${observer.epoch}`,
      fence: 0,
      fenced: () => this.#writers.delete(observer),
    })
    this.#writers.set(observer, writer)
    return writer
  }

  #disposed(observer: AgentObserver): void {
    const writer = this.#writers.get(observer)
    if (writer?.idle === true) this.#writers.delete(observer)
  }
}
