import { randomBytes } from 'node:crypto'
import { setImmediate as turn } from 'node:timers/promises'
import type { AgentObserver, ObserverRegistry, RunSummary } from '@spancast/sdk'
import { BridgeError } from '../errors.ts'
import type { FeedEntry, ListQuery, RunFeed, RunPage, RunStore } from './run-store.ts'

/** So long others wait at most while runs are listed. */
const SLICE_MS = 4

type Found = (feed: RunFeed | undefined) => void
type NamespaceListener = (entry: FeedEntry) => void

/** The runs of this process: a registry, seen as a store. */
export class MemoryStore implements RunStore {
  readonly #registry: ObserverRegistry
  // Cursors name a place by number, and only in the store that gave them.
  readonly #instance = randomBytes(3).toString('hex')
  readonly #places = new WeakMap<AgentObserver, number>()
  readonly #waiting = new Map<string, Set<Found>>()
  readonly #namespaces = new Map<string, Set<NamespaceListener>>()
  readonly #stops = new Set<() => void>()
  #lastPlace = 0
  #stopWaiting: (() => void) | undefined
  #stopNamespaces: (() => void) | undefined
  #closed = false

  constructor(registry: ObserverRegistry) {
    this.#registry = registry
  }

  open(randomId: string): Promise<RunFeed | undefined> {
    return Promise.resolve(this.#registry.get(randomId))
  }

  appears(randomId: string, signal: AbortSignal): Promise<RunFeed | undefined> {
    const feed = this.#registry.get(randomId)
    if (feed !== undefined || signal.aborted) return Promise.resolve(feed)
    return new Promise((resolve) => {
      const found: Found = (observer) => {
        signal.removeEventListener('abort', gaveUp)
        this.#leave(this.#waiting, randomId, found)
        resolve(observer)
      }
      const gaveUp = (): void => found(undefined)
      signal.addEventListener('abort', gaveUp)
      enter(this.#waiting, randomId, found)
      this.#watch()
    })
  }

  wasDisposed(randomId: string): Promise<boolean> {
    return Promise.resolve(this.#registry.wasDisposed(randomId))
  }

  summary(randomId: string): Promise<RunSummary | undefined> {
    return Promise.resolve(this.#registry.get(randomId)?.summary())
  }

  async list(query: ListQuery): Promise<RunPage> {
    const before = this.#placeOf(query.cursor)
    const runs: RunSummary[] = []
    let last: AgentObserver | undefined
    let until = performance.now() + SLICE_MS
    for (const observer of this.#numbered().reverse()) {
      // Whoever made a buffer and has not begun yet has no run to show.
      if (this.#place(observer) >= before || observer.tally.events === 0) continue
      const summary = observer.summary()
      // What nobody has read yet is read for this.
      if (performance.now() > until) {
        await turn()
        until = performance.now() + SLICE_MS
      }
      if (observer.disposed) continue
      if (query.status !== undefined && summary.status !== query.status) continue
      if (runs.length === query.limit && last !== undefined) {
        return { runs, next: `${this.#instance}-${this.#place(last)}` }
      }
      runs.push(summary)
      last = observer
    }
    return { runs, next: null }
  }

  watchRuns(fn: (randomId: string) => void): () => void {
    const tell = ({ randomId }: AgentObserver): void => fn(randomId)
    return this.#stoppable(this.#registry.listen({ appended: tell, disposed: tell }))
  }

  watchNamespace(namespace: string, fn: NamespaceListener): () => void {
    // A function of its own, so that the same one given twice is called twice.
    const listener: NamespaceListener = (entry) => fn(entry)
    enter(this.#namespaces, namespace, listener)
    this.#watch()
    return () => this.#leave(this.#namespaces, namespace, listener)
  }

  reserve(randomId: string): Promise<(() => void) | undefined> {
    // Whoever reserves keeps apart what it is about to run itself.
    return Promise.resolve(this.#registry.get(randomId) === undefined ? () => {} : undefined)
  }

  cancel(): Promise<boolean> {
    return Promise.resolve(false)
  }

  ready(): boolean {
    return !this.#closed
  }

  /** It is never away. */
  watchReady(): () => void {
    return () => {}
  }

  /** Lets go of the registry, which stays as it is. */
  close(): Promise<void> {
    this.#closed = true
    for (const stop of [...this.#stops]) stop()
    for (const listeners of [...this.#waiting.values()]) {
      for (const found of [...listeners]) found(undefined)
    }
    this.#namespaces.clear()
    this.#watch()
    return Promise.resolve()
  }

  /** Listens to the registry for as long as somebody waits or watches. */
  #watch(): void {
    if (this.#waiting.size === 0) {
      this.#stopWaiting?.()
      this.#stopWaiting = undefined
    } else {
      this.#stopWaiting ??= this.#registry.listen({
        created: (observer) => {
          for (const found of [...(this.#waiting.get(observer.randomId) ?? [])]) found(observer)
        },
      })
    }
    if (this.#namespaces.size === 0) {
      this.#stopNamespaces?.()
      this.#stopNamespaces = undefined
    } else {
      this.#stopNamespaces ??= this.#registry.listen({
        appended: (_, entry) => {
          const { namespace } = entry.event
          if (namespace === undefined) return
          for (const listener of this.#namespaces.get(namespace) ?? []) listener(entry)
        },
      })
    }
  }

  #leave<Listener>(all: Map<string, Set<Listener>>, key: string, listener: Listener): void {
    const listeners = all.get(key)
    if (listeners?.delete(listener) !== true) return
    if (listeners.size === 0) all.delete(key)
    this.#watch()
  }

  #stoppable(stop: () => void): () => void {
    const once = (): void => {
      this.#stops.delete(once)
      stop()
    }
    this.#stops.add(once)
    return once
  }

  /** All observers, oldest first, each with its place. */
  #numbered(): AgentObserver[] {
    const observers = this.#registry.list()
    for (const observer of observers) {
      if (!this.#places.has(observer)) this.#places.set(observer, ++this.#lastPlace)
    }
    return observers
  }

  #place(observer: AgentObserver): number {
    return this.#places.get(observer) ?? 0
  }

  #placeOf(cursor: string | undefined): number {
    if (cursor === undefined) return Number.POSITIVE_INFINITY
    const [instance, place = '', ...rest] = cursor.split('-')
    const known = instance === this.#instance && rest.length === 0 && /^[0-9]{1,15}$/.test(place)
    if (known && Number(place) <= this.#lastPlace) return Number(place)
    throw new BridgeError(
      'invalid-cursor',
      `Expected \`cursor\` to be what an earlier page of this bridge gave as \`next\`, got ${JSON.stringify(cursor.slice(0, 40))}. Begin again without one.`,
    )
  }
}

function enter<Listener>(all: Map<string, Set<Listener>>, key: string, listener: Listener): void {
  const listeners = all.get(key)
  if (listeners === undefined) all.set(key, new Set([listener]))
  else listeners.add(listener)
}
