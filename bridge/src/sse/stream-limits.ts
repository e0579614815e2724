import { BridgeError } from '../errors.ts'

// Short: a place is free again as soon as any reader leaves.
const RETRY_AFTER_SECONDS = 5

/** Counts open streams, so that neither one client nor all together can take every connection. */
export class StreamLimits {
  readonly #maxStreams: number
  readonly #maxPerClient: number
  readonly #byClient = new Map<string, number>()
  #open = 0

  /**
   * @param maxStreams - Streams open at once.
   * @param maxPerClient - Streams that one client address may have open at once.
   */
  constructor(maxStreams: number, maxPerClient: number) {
    this.#maxStreams = maxStreams
    this.#maxPerClient = maxPerClient
  }

  /** Streams open now. */
  get open(): number {
    return this.#open
  }

  /**
   * Takes a place for a client.
   *
   * @returns the function that gives it back; calling it twice is harmless.
   * @throws BridgeError `too-many-streams` if there is none.
   */
  take(client: string): () => void {
    const mine = this.#byClient.get(client) ?? 0
    if (this.#open >= this.#maxStreams) throw tooMany(this.#maxStreams, 'in all')
    if (mine >= this.#maxPerClient) throw tooMany(this.#maxPerClient, 'from one address')
    this.#open++
    this.#byClient.set(client, mine + 1)
    let held = true
    return () => {
      if (!held) return
      held = false
      this.#open--
      const left = (this.#byClient.get(client) ?? 1) - 1
      if (left === 0) this.#byClient.delete(client)
      else this.#byClient.set(client, left)
    }
  }
}

function tooMany(limit: number, whose: string): BridgeError {
  return new BridgeError(
    'too-many-streams',
    `Expected fewer than ${limit} open streams ${whose}. Close one, or come back later.`,
    { retryAfterSeconds: RETRY_AFTER_SECONDS },
  )
}
