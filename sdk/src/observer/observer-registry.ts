import { SpancastError } from '../errors.ts'
import { AgentObserver } from './agent-observer.ts'
import type { Entry } from './entry.ts'
import { callbackFailed } from './isolate.ts'
import { type RunLimits, runLimits } from './limits.ts'
import type { ObserverOwner } from './observer-owner.ts'
import { createRandomId } from './random-id.ts'
import { RememberedIds } from './remembered-ids.ts'
import { Retention } from './retention.ts'
import { SilentRuns } from './silent-runs.ts'
import { Watchdog, type Watched } from './watchdog.ts'

/** Follows all runs of a registry. Must not block. */
export interface RegistryListener {
  /** A run's buffer was created. */
  created?(observer: AgentObserver): void
  /** One more entry of any run. */
  appended?(observer: AgentObserver, entry: Entry): void
  /** A run is found by another id too from now on. */
  aliased?(randomId: string, observer: AgentObserver): void
  /** A run's buffer is gone. */
  disposed?(observer: AgentObserver): void
}

const SHARED = Symbol.for('spancast.registry.v1')
const shared = globalThis as { [SHARED]?: ObserverRegistry }
// Enough to tell a reader that comes back after hours that its run is gone, not unknown.
const REMEMBERED_IDS = 100_000

/**
 * `randomId -> AgentObserver`. Lets a run go five minutes after its end (`retentionMs`) and bounds how many runs,
 * and how many bytes, are kept: the oldest finished go first, then the longest silent, as abandoned.
 */
export class ObserverRegistry {
  #limits: RunLimits
  readonly #observers = new Map<string, AgentObserver>()
  readonly #aliases = new Map<string, AgentObserver>()
  readonly #aliasesOf = new Map<AgentObserver, string[]>()
  readonly #silent = new SilentRuns(this.#observers)
  readonly #gone = new RememberedIds(REMEMBERED_IDS)
  #retention: Retention
  #owner: ObserverOwner
  #listeners: readonly RegistryListener[] = []
  #bytes = 0
  #makingRoom = false

  /** @throws SpancastError `invalid-option` for a limit that is no whole number from 1 up. */
  constructor(limits: Partial<RunLimits> = {}) {
    this.#limits = runLimits(limits)
    this.#retention = new Retention(this.#limits.retentionMs)
    this.#owner = this.#newOwner()
  }

  /** The registry that all copies of the SDK in this process share by default. */
  static getInstance(): ObserverRegistry {
    shared[SHARED] ??= new ObserverRegistry()
    return shared[SHARED]
  }

  /** The limits that hold for each run here. */
  get limits(): RunLimits {
    return this.#limits
  }

  /**
   * Other limits, for runs to come.
   *
   * @throws SpancastError `invalid-option` for a limit that is not valid, or once there are runs.
   */
  setLimits(limits: Partial<RunLimits>): void {
    if (this.#observers.size > 0) {
      throw new SpancastError(
        'invalid-option',
        `Expected limits before the first run, got them with ${this.#observers.size} runs here. Call start() before anything is observed.`,
      )
    }
    this.#limits = runLimits(limits)
    this.#retention = new Retention(this.#limits.retentionMs)
    this.#owner = this.#newOwner()
  }

  /** Whether anybody follows all runs. */
  get followed(): boolean {
    return this.#owner.followed
  }

  /** Runs kept. */
  get size(): number {
    return this.#observers.size
  }

  /** Estimated bytes that all runs hold. */
  get bytes(): number {
    return this.#bytes
  }

  /**
   * A new, empty buffer for `randomId`. In place of a run that has ended, it begins a new epoch.
   *
   * @param randomId - Default: 128 random bits.
   * @throws SpancastError `run-exists` if a run of that id is still going, `invalid-random-id` for an id that
   * cannot name a run.
   */
  create(randomId: string = createRandomId()): AgentObserver {
    const existing = this.#observers.get(randomId)
    if (existing !== undefined && !existing.ended) {
      throw new SpancastError(
        'run-exists',
        `Expected a \`randomId\` that is not taken, got ${randomId}, which is still running. get() returns its observer.`,
      )
    }
    const observer = new AgentObserver({ randomId }, this.#owner)
    existing?.dispose()
    this.#gone.delete(randomId)
    this.#observers.set(randomId, observer)
    this.#makeRoom(observer)
    this.#tell((listener) => listener.created?.(observer))
    return observer
  }

  /** The run's observer; `undefined` if there is none. */
  get(randomId: string): AgentObserver | undefined {
    return this.#observers.get(randomId) ?? this.#aliases.get(randomId)
  }

  /** Lets a run be found by another id too, for as long as it is kept. */
  alias(randomId: string, observer: AgentObserver): void {
    this.#aliases.set(randomId, observer)
    const others = this.#aliasesOf.get(observer)
    if (others === undefined) this.#aliasesOf.set(observer, [randomId])
    else others.push(randomId)
    this.#tell((listener) => listener.aliased?.(randomId, observer))
  }

  /** All observers, in the order of their creation. */
  list(): AgentObserver[] {
    return [...this.#observers.values()]
  }

  /**
   * Lets a run go, or all of them.
   *
   * @returns whether there was one.
   */
  dispose(randomId?: string): boolean {
    const chosen = randomId === undefined ? this.list() : [this.get(randomId)]
    let found = false
    for (const observer of chosen) {
      if (observer === undefined) continue
      observer.dispose()
      found = true
    }
    return found
  }

  /** Whether a run of that id was here and was let go. The last 100 000 are remembered. */
  wasDisposed(randomId: string): boolean {
    return this.#gone.has(randomId)
  }

  /** Follows all runs. @returns the function that ends it. */
  listen(listener: RegistryListener): () => void {
    this.#setListeners([...this.#listeners, listener])
    return () => this.#setListeners(this.#listeners.filter((other) => other !== listener))
  }

  #setListeners(listeners: readonly RegistryListener[]): void {
    this.#listeners = listeners
    this.#owner.followed = listeners.length > 0
  }

  #newOwner(): ObserverOwner {
    return {
      limits: this.#limits,
      watchdog: new Watchdog(this.#limits, () => this.#lives()),
      followed: this.#listeners.length > 0,
      grown: (observer, bytes) => this.#grown(observer, bytes),
      appended: (observer, entry) => {
        this.#tell((listener) => listener.appended?.(observer, entry))
      },
      ended: (observer) => this.#retention.add(observer),
      disposed: (observer, bytes) => this.#disposed(observer, bytes),
    }
  }

  *#lives(): Iterable<Watched> {
    for (const observer of this.#observers.values()) yield observer.watched
  }

  #grown(observer: AgentObserver, bytes: number): void {
    this.#bytes += bytes
    if (this.#bytes > this.#limits.maxTotalBytes) this.#makeRoom(observer)
  }

  #disposed(observer: AgentObserver, bytes: number): void {
    this.#bytes -= bytes
    for (const alias of this.#aliasesOf.get(observer) ?? []) {
      if (this.#aliases.get(alias) === observer) this.#aliases.delete(alias)
    }
    this.#aliasesOf.delete(observer)
    if (this.#observers.get(observer.randomId) === observer) {
      this.#observers.delete(observer.randomId)
      this.#gone.add(observer.randomId)
    }
    this.#tell((listener) => listener.disposed?.(observer))
  }

  /** Lets runs go until the limits hold; never the one that is being created or written. */
  #makeRoom(writing: AgentObserver): void {
    // A run that is let go says so first, in its own buffer: that must not cost another one.
    if (this.#makingRoom) return
    this.#makingRoom = true
    const { maxRuns, maxTotalBytes } = this.#limits
    while (this.#observers.size > maxRuns || this.#bytes > maxTotalBytes) {
      const oldest = this.#retention.oldest()
      const victim =
        oldest !== undefined && oldest !== writing ? oldest : this.#silent.longest(writing)
      if (victim === undefined) break
      victim.dispose()
    }
    this.#makingRoom = false
  }

  #tell(notify: (listener: RegistryListener) => void): void {
    for (const listener of this.#listeners) {
      try {
        notify(listener)
      } catch (error) {
        callbackFailed('registry listener', error)
      }
    }
  }
}
