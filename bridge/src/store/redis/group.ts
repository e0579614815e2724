import type { AgentObserver } from '@spancast/sdk'
import type { InputLog, LogEntry } from './input-log.ts'

/** An end that came with time and not with an input: whoever folds the group again must end the run there too. */
export interface TimedEnd {
  readonly randomId: string
  /** The input after which it came. */
  readonly after: string
  /** How it came out; `undefined` if it was abandoned. */
  readonly outcome: unknown
}

/** Who folds the inputs of groups. */
export interface GroupFolder {
  /** Folds one input, in one step. */
  fold(group: Group, entry: LogEntry): void
  end(end: TimedEnd): void
  /** All that had come was folded: from now on what is new is written. */
  loaded(group: Group): Promise<void>
}

/** Runs that are folded together, from the log of what has come for them. */
export class Group {
  readonly name: string
  readonly observers: Set<AgentObserver> = new Set()
  /** Whether what its runs append now is new. */
  live = false
  /** The newest input that was folded. */
  lastId = '0-0'
  readonly #log: InputLog
  readonly #folder: GroupFolder
  #pulling: Promise<void> | undefined
  #again = false

  constructor(name: string, log: InputLog, folder: GroupFolder) {
    this.name = name
    this.#log = log
    this.#folder = folder
  }

  /**
   * Folds what has come since the last time; at the first time, all that is kept.
   *
   * @throws BridgeError `store-away`: it is to be called again.
   */
  pull(): Promise<void> {
    this.#again = true
    this.#pulling ??= this.#pull().finally(() => {
      this.#pulling = undefined
    })
    return this.#pulling
  }

  async #pull(): Promise<void> {
    if (!this.live) await this.#load()
    while (this.#again) {
      this.#again = false
      for (;;) {
        const entries = await this.#log.after(this.name, this.lastId)
        for (const entry of entries) this.#take(entry)
        if (entries.length === 0) break
      }
    }
  }

  /** Folds the past as it was: what ended with time ends at the same place. */
  async #load(): Promise<void> {
    const past: LogEntry[] = []
    for (let from = this.lastId; ; ) {
      const entries = await this.#log.after(this.name, from)
      const newest = entries.at(-1)
      if (newest === undefined) break
      past.push(...entries)
      from = newest.id
    }
    const ends = past.filter(({ kind }) => kind === 'end').map(endIn)
    const inputs = past.filter(({ kind }) => kind === 'input')
    this.#endAfter(ends)
    for (const entry of inputs) {
      this.#take(entry)
      this.#endAfter(ends)
    }
    const newest = past.at(-1)
    if (newest !== undefined) this.lastId = newest.id
    await this.#folder.loaded(this)
    this.live = true
  }

  #take(entry: LogEntry): void {
    this.lastId = entry.id
    if (entry.kind === 'input') this.#folder.fold(this, entry)
  }

  #endAfter(ends: readonly TimedEnd[]): void {
    for (const end of ends) if (end.after === this.lastId) this.#folder.end(end)
  }
}

function endIn({ text }: LogEntry): TimedEnd {
  // A bridge has written it.
  return JSON.parse(text) as TimedEnd
}
