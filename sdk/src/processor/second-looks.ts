import type { Pending } from './pending.ts'

// In a long turn, those that have been looked at since are dropped now and then.
const MANY = 1024
const NOW = Promise.resolve()

/** Spans that are looked at once more when the current turn has run: all of them together, oldest first. */
export class SecondLooks {
  readonly #look: (pending: Pending) => void
  #waiting: Pending[] = []
  #dropAt = MANY

  /** @param look - Must not throw. */
  constructor(look: (pending: Pending) => void) {
    this.#look = look
  }

  add(pending: Pending): void {
    // One microtask a turn; a promise's, since `queueMicrotask` makes an async resource each time.
    if (this.#waiting.length === 0) void NOW.then(this.#run)
    this.#waiting.push(pending)
    if (this.#waiting.length >= this.#dropAt) this.#drop()
  }

  readonly #run = (): void => {
    const waiting = this.#waiting
    this.#waiting = []
    this.#dropAt = MANY
    for (const pending of waiting) if (pending.settled === undefined) this.#look(pending)
  }

  #drop(): void {
    // One at least stays, so that the microtask that is on its way is not asked for again.
    const [first, ...others] = this.#waiting
    this.#waiting = others.filter(({ settled }) => settled === undefined)
    if (first !== undefined) this.#waiting.unshift(first)
    this.#dropAt = Math.max(MANY, this.#waiting.length * 2)
  }
}
