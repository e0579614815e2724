/** Bytes that all requests in flight may hold together. */
export class ByteBudget {
  readonly max: number
  #used = 0

  /** @param max - Bytes; `maxIngestBytes`. */
  constructor(max: number) {
    this.max = max
  }

  get used(): number {
    return this.#used
  }

  /** Whether that many more could be taken now. */
  hasRoom(bytes: number): boolean {
    return this.#used + bytes <= this.max
  }

  /** A share that starts empty and can be given back whole, once. */
  share(): BudgetShare {
    let taken = 0
    let released = false
    return {
      take: (bytes) => {
        if (released || !this.hasRoom(bytes)) return false
        taken += bytes
        this.#used += bytes
        return true
      },
      release: () => {
        released = true
        this.#used -= taken
        taken = 0
      },
    }
  }
}

/** What one request holds of a budget. */
export interface BudgetShare {
  /** Takes more; false, and nothing taken, if there is no room or the share was given back. */
  take(bytes: number): boolean
  /** Gives all of it back. Calling it twice is harmless. */
  release(): void
}
