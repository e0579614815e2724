import { ErrorReply } from '@redis/client'
import { storeAway } from '../store-away.ts'
import { answerWithin, LateAnswer } from './answer-within.ts'
import type { RedisStoreConfig } from './options.ts'
import { type Client, type Cluster, clientFor, isPassing, isReady } from './redis-client.ts'
import type { Script } from './script.ts'
import { Subscriptions } from './subscriptions.ts'

/** Hears whether the store can be reached. */
export interface ConnectionListener {
  /**
   * What was subscribed to is subscribed to again, and may have said something meanwhile.
   *
   * @param changed - Whether it was known to be away.
   */
  back(changed: boolean): void
  /** @param reason - What the connection last failed with, in words without secrets. */
  away(reason: string): void
}

// A server that does not answer for so long is away, whatever its socket says.
const ANSWER_MS = 5000
const PROBE_MS = 1000
const PROBE_ANSWER_MS = 2500

/**
 * Two connections to Redis, one for scripts and one for what is subscribed to, which come back by themselves. While
 * the server is away, calls fail at once: nothing is kept here for later.
 */
export class RedisConnection {
  readonly #client: Client | Cluster
  readonly #subscriptions: Subscriptions
  readonly #hearers = new Set<ConnectionListener>()
  readonly #probed: string
  #opened: Promise<void> | undefined
  #probe: NodeJS.Timeout | undefined
  #asking: Promise<void> | undefined
  #asksAgain = false
  #ready = false
  /** Whether it was told how it is: not before it had time to connect. */
  #told = false
  #deaf = false
  #reason = 'no answer'
  readonly #began: number = performance.now()
  #closed = false
  #calls = 0
  #answered = 0

  constructor(config: RedisStoreConfig) {
    this.#probed = config.keyPrefix
    this.#client = clientFor(config, true)
    const failed = (error: unknown): void => {
      this.#reason = error instanceof Error ? error.message : String(error)
      void this.#ask()
    }
    const missed = (): void => {
      this.#deaf = true
      void this.#ask()
    }
    this.#subscriptions = new Subscriptions(config, { missed, failed })
    // Without somebody who hears them, they would end the process. What they mean is found out by asking.
    this.#client.on('error', failed)
    this.#client.on('ready', () => void this.#ask())
  }

  /** Whether the server answers. */
  get ready(): boolean {
    return this.#ready && !this.#closed
  }

  /** Calls of scripts since the beginning. */
  get calls(): number {
    return this.#calls
  }

  /** Begins to connect, and goes on until it is closed. Resolves when the server has answered for the first time. */
  open(): Promise<void> {
    this.#opened ??= this.#open()
    return this.#opened
  }

  /**
   * Runs a script.
   *
   * @throws BridgeError `store-away` if the server does not answer, or cannot serve now.
   */
  async run(
    { sha, source }: Script,
    keys: readonly string[],
    args: readonly string[],
  ): Promise<unknown> {
    if (!this.ready) throw storeAway()
    this.#calls++
    try {
      const answer = await answerWithin(this.#evaluate(sha, source, keys, args), ANSWER_MS)
      this.#answered++
      return answer
    } catch (error) {
      if (error instanceof ErrorReply && !isPassing(error)) throw error
      void this.#ask()
      throw storeAway(error)
    }
  }

  /**
   * Calls `fn` with what is said on a channel, also after the server was away.
   *
   * @returns the function that ends it, as soon as nothing that is said from now on is missed.
   * @throws BridgeError `store-away`.
   */
  subscribe(channel: string, fn: (message: string) => void): Promise<() => void> {
    return this.#subscriptions.add(channel, fn)
  }

  listen(listener: ConnectionListener): () => void {
    this.#hearers.add(listener)
    return () => this.#hearers.delete(listener)
  }

  close(): void {
    if (this.#closed) return
    this.#closed = true
    clearInterval(this.#probe)
    this.#subscriptions.close()
    if (this.#client.isOpen) this.#client.destroy()
  }

  async #open(): Promise<void> {
    this.#probe = setInterval(() => void this.#ask(), PROBE_MS)
    this.#probe.unref()
    await Promise.all([this.#client.connect(), this.#subscriptions.connect()])
    await this.#ask()
  }

  #evaluate(
    sha: string,
    source: string,
    keys: readonly string[],
    args: readonly string[],
  ): Promise<unknown> {
    const options = { keys: [...keys], arguments: [...args] }
    return this.#client.evalSha(sha, options).catch((error: unknown) => {
      if (!(error instanceof ErrorReply) || !error.message.startsWith('NOSCRIPT')) throw error
      return this.#client.eval(source, options)
    })
  }

  /** Resolves when it is known how the server is now. */
  #ask(): Promise<void> {
    this.#asksAgain = true
    this.#asking ??= this.#askOn()
    return this.#asking
  }

  /** One answer at a time, so that an old one never comes after a newer one. */
  async #askOn(): Promise<void> {
    try {
      while (this.#asksAgain && !this.#closed) {
        this.#asksAgain = false
        this.#found(await this.#answers())
      }
    } finally {
      this.#asking = undefined
    }
  }

  #found(answers: boolean): void {
    const early = !answers && performance.now() - this.#began < PROBE_ANSWER_MS
    const changed = answers !== this.#ready || (!this.#told && !early)
    if (this.#closed) return
    if (answers && this.#deaf) void this.#hear()
    if (!changed) return
    this.#told = true
    this.#ready = answers
    for (const hearer of [...this.#hearers]) {
      if (answers) hearer.back(true)
      else hearer.away(this.#reason)
    }
  }

  /** What was said before everything is subscribed to again was not heard. */
  async #hear(): Promise<void> {
    this.#deaf = false
    try {
      await this.#subscriptions.renew()
      if (!this.#closed) for (const hearer of [...this.#hearers]) hearer.back(false)
    } catch {
      // Tried again when it is asked next.
      this.#deaf = true
    }
  }

  async #answers(): Promise<boolean> {
    if (!isReady(this.#client) || !this.#subscriptions.ready) return false
    const answered = this.#answered
    try {
      const asked = this.#client.eval('return 1', { keys: [this.#probed], arguments: [] })
      await answerWithin(asked, PROBE_ANSWER_MS)
      return true
    } catch (error) {
      // What was asked before it is answered first: a long queue of this bridge's own is no server that is away.
      return error instanceof LateAnswer && this.#answered > answered
    }
  }
}
