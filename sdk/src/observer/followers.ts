import type { EntryListener } from './agent-observer.ts'
import type { Entry } from './entry.ts'
import { Follower } from './follower.ts'

/** All who follow one run: told of one entry after the other, in order, whatever they do meanwhile. */
export class Followers {
  readonly #first: ((entry: Entry) => void) | undefined
  #followers: readonly Follower[] = []
  /** Entries that came while one is being told. */
  #waiting: Entry[] | undefined
  #dismissed = false

  /** @param first - Told of each entry ahead of the followers; must not throw. */
  constructor(first: ((entry: Entry) => void) | undefined) {
    this.#first = first
  }

  get size(): number {
    return this.#followers.length
  }

  /**
   * @param after - `seq` of the newest entry: those above it are told.
   * @returns the function that ends it; calling it twice is harmless.
   */
  add(listener: EntryListener, after: number): () => void {
    const follower = new Follower(listener, after)
    this.#followers = [...this.#followers, follower]
    return () => {
      follower.leave()
      this.#followers = this.#followers.filter((other) => other !== follower)
    }
  }

  /** One entry at a time, so that a follower that emits does not turn the order around for the next one. */
  tell(entry: Entry): void {
    if (this.#waiting !== undefined) {
      this.#waiting.push(entry)
      return
    }
    const waiting = [entry]
    this.#waiting = waiting
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
      this.#first?.(next)
      for (const follower of this.#followers) follower.tell(next)
    }
    this.#waiting = undefined
    if (this.#dismissed) this.#dismissAll()
  }

  /** Nothing more will come: what is being told is told to the end first. */
  dismiss(): void {
    this.#dismissed = true
    if (this.#waiting === undefined) this.#dismissAll()
  }

  #dismissAll(): void {
    const followers = this.#followers
    this.#followers = []
    for (const follower of followers) follower.dismiss()
  }
}
