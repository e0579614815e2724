import { storeAway } from '../store-away.ts'
import { answerWithin } from './answer-within.ts'
import type { RedisStoreConfig } from './options.ts'
import { type Client, type Cluster, clientFor, isReady } from './redis-client.ts'

type Listener = (message: string) => void

export interface SubscriptionsHearer {
  /** The connection has come back, or another one has taken its place: what was said meanwhile was not heard. */
  missed(): void
  failed(error: unknown): void
}

const ANSWER_MS = 5000

/** What is listened to in Redis: one connection, one subscription of a channel, however many listeners. */
export class Subscriptions {
  readonly #client: Client | Cluster
  readonly #listeners = new Map<string, Set<Listener>>()
  #closed = false

  constructor(config: RedisStoreConfig, hearer: SubscriptionsHearer) {
    this.#client = clientFor(config, false)
    const missed = (): void => hearer.missed()
    // What a cluster's client listens to itself: that it has to subscribe elsewhere since a server was lost. Where that
    // fails nobody could hear of it and the process would end. `renew` does it instead.
    for (const event of this.#client.eventNames()) {
      const own = this.#client.listeners(event)
      this.#client.on(event, missed)
      // Emitters say of their listeners no more than that they are functions.
      for (const listener of own) this.#client.off(event, listener as typeof missed)
    }
    this.#client.on('ready', missed)
    this.#client.on('node-ready', missed)
    this.#client.on('error', (error: unknown) => hearer.failed(error))
  }

  get ready(): boolean {
    return isReady(this.#client)
  }

  async connect(): Promise<void> {
    await this.#client.connect()
  }

  /**
   * Calls `fn` with what is said on a channel, also after the server was away.
   *
   * @returns the function that ends it, as soon as nothing that is said from now on is missed.
   * @throws BridgeError `store-away`.
   */
  async add(channel: string, fn: Listener): Promise<() => void> {
    let listeners = this.#listeners.get(channel)
    if (listeners === undefined) {
      listeners = new Set()
      this.#listeners.set(channel, listeners)
    }
    // A function of its own, so that the same one given twice is called twice.
    const listener: Listener = (message) => fn(message)
    listeners.add(listener)
    const stop = (): void => this.#leave(channel, listener)
    try {
      await this.#subscribe(channel)
    } catch (error) {
      stop()
      throw storeAway(error)
    }
    return stop
  }

  /** Resolves when all that is listened to is subscribed to, wherever that is now. */
  async renew(): Promise<void> {
    await Promise.all([...this.#listeners.keys()].map((channel) => this.#subscribe(channel)))
  }

  close(): void {
    this.#closed = true
    this.#listeners.clear()
    if (this.#client.isOpen) this.#client.destroy()
  }

  readonly #said = (message: string, channel: string): void => {
    for (const listener of [...(this.#listeners.get(channel) ?? [])]) {
      try {
        listener(message)
      } catch (error) {
        // It would reach the client in the middle of what it reads, which then loses the answers that follow.
        tellUnheard(channel, error)
      }
    }
  }

  /** Asks for nothing where it is subscribed to already. */
  async #subscribe(channel: string): Promise<void> {
    // A later one of the same channel waits for the first one's answer, since commands keep their order.
    await answerWithin(this.#client.sSubscribe(channel, this.#said), ANSWER_MS)
    // Everybody has left meanwhile.
    if (!this.#listeners.has(channel)) await this.#unsubscribe(channel)
  }

  #leave(channel: string, listener: Listener): void {
    const listeners = this.#listeners.get(channel)
    if (listeners?.delete(listener) !== true || listeners.size > 0) return
    this.#listeners.delete(channel)
    void this.#unsubscribe(channel)
  }

  async #unsubscribe(channel: string): Promise<void> {
    if (this.#closed || !this.#client.isOpen) return
    await this.#client.sUnsubscribe(channel, this.#said).catch(() => {})
  }
}

/** Tells the operator. */
function tellUnheard(channel: string, error: unknown): void {
  process.emitWarning('What was said in the store could not be taken.', {
    type: 'SpancastWarning',
    code: 'SPANCAST_STORE_FAILED',
    detail: `${channel}: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`,
  })
}
