import type { Connection } from '../state/run-state.ts'
import { Nap } from '../stream/nap.ts'

/** What a store reads while somebody looks. */
export interface Feed<S> {
  readonly signal: AbortSignal
  readonly nap: Nap
  /** Puts the state that this makes of the present one in its place. */
  update(to: (state: S) => S): void
}

// So that a page that takes one view down to put the next one up keeps its connection.
const LINGER_MS = 200

/**
 * A state that is kept up to date while somebody listens, over one connection for all who do. It holds what it knows
 * when nobody does, and goes on from there. Its functions need no `this`.
 */
export class LiveStore<S extends { readonly connection: Connection }> {
  readonly #read: (feed: Feed<S>) => Promise<void>
  readonly #unused: () => void
  readonly #listeners = new Set<() => void>()
  readonly #nap = new Nap()
  #state: S
  #reading: AbortController | undefined
  #lingering: ReturnType<typeof setTimeout> | undefined

  /**
   * @param read - Reads until there is no more to come; rejects if it failed.
   * @param unused - Called when nobody listens any more.
   */
  constructor(initial: S, read: (feed: Feed<S>) => Promise<void>, unused: () => void) {
    this.#state = initial
    this.#read = read
    this.#unused = unused
  }

  /** The state as it is: the same object until something changes. */
  readonly getSnapshot = (): S => this.#state

  /**
   * Calls `fn` after every change, and connects if nobody has before.
   *
   * @returns the function that ends it. The last one to leave closes the connection.
   */
  readonly subscribe = (fn: () => void): (() => void) => {
    // The same function may be given twice.
    const listener = (): void => fn()
    this.#listeners.add(listener)
    clearTimeout(this.#lingering)
    const { state } = this.#state.connection
    if (this.#reading === undefined && state === 'idle') this.#start()
    return () => {
      if (!this.#listeners.delete(listener) || this.#listeners.size > 0) return
      this.#lingering = setTimeout(() => {
        this.#stop('idle')
        this.#unused()
      }, LINGER_MS)
    }
  }

  /** Closes the connection for everybody who listens. What is known stays; `retry` connects again. */
  readonly close = (): void => this.#stop('closed')

  /** Tries again at once: when it waits for the next try, has failed or was closed. */
  readonly retry = (): void => {
    if (this.#reading === undefined) this.#start()
    else this.#nap.end()
  }

  #start(): void {
    const reading = new AbortController()
    this.#reading = reading
    const { signal } = reading
    const update = (to: (state: S) => S): void => {
      if (!signal.aborted) this.#set(to(this.#state))
    }
    const over = (connection: Connection): void => {
      if (signal.aborted) return
      this.#reading = undefined
      this.#connection(connection)
    }
    this.#read({ signal, nap: this.#nap, update }).then(
      () => over({ state: 'closed' }),
      (error: unknown) =>
        over({ state: 'failed', error: error instanceof Error ? error : new Error(String(error)) }),
    )
  }

  #stop(state: 'idle' | 'closed'): void {
    const reading = this.#reading
    this.#reading = undefined
    reading?.abort()
    // What has come to its end or failed stays so.
    if (reading !== undefined) this.#connection({ state })
  }

  #connection(connection: Connection): void {
    this.#set({ ...this.#state, connection })
  }

  #set(state: S): void {
    if (state === this.#state) return
    this.#state = state
    for (const listener of this.#listeners) {
      try {
        listener()
      } catch (error) {
        // It is its owner's, and nobody else's: not the other listeners', not the stream's.
        queueMicrotask(() => {
          throw error
        })
      }
    }
  }
}
