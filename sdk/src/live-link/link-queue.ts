import type { Entry } from '../observer/entry.ts'
import { Fifo } from './fifo.ts'
import type { LinkLimits } from './link-limits.ts'
import type { LinkRun } from './link-run.ts'

/** An event on its way to the bridge. */
export interface Waiting {
  readonly run: LinkRun
  readonly entry: Entry
  /** Its place among all that ever waited. */
  readonly order: number
}

/**
 * Events that the bridge has not taken yet, in order. Beyond its limits chunks go first, then the oldest events;
 * what is under way counts, but stays.
 */
export class LinkQueue {
  /** Events that had to go, without chunks. */
  lostEvents = 0
  lostChunks = 0
  readonly #limits: LinkLimits
  readonly #structure = new Fifo<Waiting>()
  readonly #talk = new Fifo<Waiting>()
  #underway: Waiting[] = []
  #bytes = 0
  #order = 0

  constructor(limits: LinkLimits) {
    this.#limits = limits
  }

  /** Events that wait, without those under way. */
  get waiting(): number {
    return this.#structure.length + this.#talk.length
  }

  /** The place of the newest event that ever waited. */
  get newest(): number {
    return this.#order
  }

  /** The place of the oldest event that the bridge has not taken. */
  get oldest(): number | undefined {
    return (this.#underway[0] ?? this.#first()?.first)?.order
  }

  push(run: LinkRun, entry: Entry): void {
    run.waiting++
    this.#bytes += entry.bytes
    const waiting = { run, entry, order: ++this.#order }
    if (entry.type === 'agent.chunk') this.#talk.push(waiting)
    else this.#structure.push(waiting)
    this.#makeRoom()
  }

  /** The next event; it is under way until `delivered`, `putBack` or `lose` says how it went. */
  take(): Waiting | undefined {
    const taken = this.#first()?.shift()
    if (taken !== undefined) this.#underway.push(taken)
    return taken
  }

  /** The bridge has taken what was under way. @returns how many events that were. */
  delivered(): number {
    const taken = this.#underway
    this.#underway = []
    for (const waiting of taken) this.#settle(waiting)
    return taken.length
  }

  /** What was under way waits again, in its place. */
  putBack(): void {
    const back = this.#underway
    this.#underway = []
    this.#structure.unshift(back.filter(({ entry }) => entry.type !== 'agent.chunk'))
    this.#talk.unshift(back.filter(({ entry }) => entry.type === 'agent.chunk'))
    this.#makeRoom()
  }

  /** What was under way is given up. */
  lose(): void {
    const lost = this.#underway
    this.#underway = []
    for (const waiting of lost) {
      this.#settle(waiting)
      this.#count(waiting)
    }
  }

  /** The number of each run's first event that the bridge has not taken. */
  firstNumbers(): Map<LinkRun, number> {
    const numbers = new Map<LinkRun, number>()
    for (const part of [this.#underway, this.#structure, this.#talk]) {
      for (const { run, entry } of part) {
        const number = run.numberOf(entry)
        if (number < (numbers.get(run) ?? Number.POSITIVE_INFINITY)) numbers.set(run, number)
      }
    }
    return numbers
  }

  #first(): Fifo<Waiting> | undefined {
    const structure = this.#structure.first
    const talk = this.#talk.first
    if (talk === undefined) return structure === undefined ? undefined : this.#structure
    return structure === undefined || talk.order < structure.order ? this.#talk : this.#structure
  }

  #makeRoom(): void {
    const { maxLinkBytes, maxLinkEvents } = this.#limits
    while (this.#bytes > maxLinkBytes || this.waiting + this.#underway.length > maxLinkEvents) {
      const victim = this.#talk.shift() ?? this.#structure.shift()
      if (victim === undefined) return
      this.#forget(victim)
      this.#count(victim)
    }
  }

  #settle(waiting: Waiting): void {
    this.#forget(waiting)
    waiting.run.done = Math.max(waiting.run.done, waiting.run.numberOf(waiting.entry))
  }

  #forget({ run, entry }: Waiting): void {
    run.waiting--
    this.#bytes -= entry.bytes
  }

  #count({ entry }: Waiting): void {
    if (entry.type === 'agent.chunk') this.lostChunks++
    else this.lostEvents++
  }
}
