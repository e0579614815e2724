// A body that has not grown for this long makes room for one that does.
const STALLED_MS = 1000

/** Bytes that all requests in flight may hold together. Who stalls gives way to who does not. */
export class ByteBudget {
  readonly max: number
  readonly #shares = new Set<Share>()
  #used = 0

  /** @param max - Bytes; `maxIngestBytes`. */
  constructor(max: number) {
    this.max = max
  }

  get used(): number {
    return this.#used
  }

  /** Whether that many more could be taken now, from those who stall if need be. */
  hasRoom(bytes: number): boolean {
    while (this.#used + bytes > this.max) {
      if (!this.#evictStalled()) return false
    }
    return true
  }

  /**
   * A share that starts empty and can be given back whole, once.
   *
   * @param evicted - Called when the share was taken back, because it had not grown for a second while another
   * needed the room. Without it the share is never taken back.
   */
  share(evicted?: () => void): BudgetShare {
    const share: Share = { taken: 0, grownAt: performance.now(), evicted }
    this.#shares.add(share)
    return {
      take: (bytes) => {
        share.grownAt = performance.now()
        if (!this.#shares.has(share) || !this.hasRoom(bytes)) return false
        share.taken += bytes
        this.#used += bytes
        return true
      },
      settle: () => {
        share.evicted = undefined
      },
      release: () => this.#release(share),
    }
  }

  #release(share: Share): void {
    if (this.#shares.delete(share)) this.#used -= share.taken
  }

  /** @returns whether there was one. */
  #evictStalled(): boolean {
    const stalledBefore = performance.now() - STALLED_MS
    for (const share of this.#shares) {
      if (share.evicted === undefined || share.taken === 0 || share.grownAt > stalledBefore)
        continue
      this.#release(share)
      share.evicted()
      return true
    }
    return false
  }
}

interface Share {
  taken: number
  grownAt: number
  evicted: (() => void) | undefined
}

/** What one request holds of a budget. */
export interface BudgetShare {
  /** Takes more; false, and nothing taken, if there is no room or the share was given back. */
  take(bytes: number): boolean
  /** All that will come is here: from now on the share is not taken back. */
  settle(): void
  /** Gives all of it back. Calling it twice is harmless. */
  release(): void
}
