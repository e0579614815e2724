import type { ObserverRegistry, RunSummary } from '@spancast/sdk'
import type {
  CollectedSpan,
  CollectorCounts,
  LinkRecord,
  OtherSpans,
  SpanCollector,
} from '@spancast/sdk/internal'

/** One event as it is stored: its text is made once and shared by all readers. */
export interface FeedEntry {
  readonly seq: number
  readonly type: string
  /** The event as JSON text. */
  readonly json: string
}

export interface FeedListener {
  /** One more entry. Must not block. */
  appended(entry: FeedEntry): void
  /** The run's buffer is gone; nothing follows. */
  disposed?(): void
}

/** The local window on one run. Everything here is synchronous, so that backfill and live meet in one step. */
export interface RunFeed {
  readonly randomId: string
  /** Names this life of the run's buffer. */
  readonly epoch: string
  readonly lastSeq: number
  /** Whether `run.end` has been appended. */
  readonly ended: boolean
  readonly disposed: boolean
  /** When the run last gave a sign of life, in milliseconds since the Unix epoch. */
  readonly lastSeenAt: number
  /** Entries above `after`, in order, at most `limit`. */
  entries(after: number, limit?: number): readonly FeedEntry[]
  /** How many entries are kept with `from <= seq <= to`. */
  countEntries(from: number, to: number): number
  /** What a reader that has seen `after` can no longer get: some or all of it is gone. */
  gapAfter(after: number): { readonly from: number; readonly to: number } | undefined
  /** @returns the function that ends it; calling it twice is harmless. */
  listen(listener: FeedListener): () => void
}

export interface ListQuery {
  readonly status?: RunSummary['status'] | undefined
  readonly limit: number
  /** What an earlier page gave as `next`. */
  readonly cursor?: string | undefined
}

export interface RunPage {
  /** Newest first. */
  readonly runs: readonly RunSummary[]
  /** Where the next page begins; `null` on the last. */
  readonly next: string | null
}

/** Takes what arrives at one bridge for whichever bridge folds it. */
export interface StoreIntake {
  readonly counts: CollectorCounts
  collect(spans: readonly CollectedSpan[], others: OtherSpans): void
  link(record: LinkRecord): void
  /** Resolves when what it took since the last call stands in the store; rejects if some of it does not. */
  kept(): Promise<void>
}

/** How a bridge gets on with a store that it shares. */
export interface StoreStats {
  /** What was asked of it. */
  readonly calls: number
  /** Runs that are looked at here. */
  readonly followed: number
  /** Of the shares of what arrives, those that are folded here. */
  readonly shares: number
}

/** Where runs live. All replicas of a bridge share one. */
export interface RunStore {
  /** The run's feed; `undefined` if there is no such run. */
  open(randomId: string): Promise<RunFeed | undefined>
  /** The run's feed as soon as there is one; `undefined` once `signal` fires. Creates nothing. */
  appears(randomId: string, signal: AbortSignal): Promise<RunFeed | undefined>
  /** Whether a run of that id was here and was let go. */
  wasDisposed(randomId: string): Promise<boolean>
  summary(randomId: string): Promise<RunSummary | undefined>
  /** @throws BridgeError `invalid-cursor` for a cursor that no page gave. */
  list(query: ListQuery): Promise<RunPage>
  /** Calls `fn` with the id of each run that changed: often, so that the caller thins it out. */
  watchRuns(fn: (randomId: string) => void): () => void
  /** Calls `fn` with each event that carries `namespace`, of any run, from now on. */
  watchNamespace(namespace: string, fn: (entry: FeedEntry) => void): () => void
  /**
   * Keeps an id for a run that is about to be invoked here.
   *
   * @param cancel - Called when somebody wants the run to end, here or at another replica.
   * @returns the function that gives it back once the workflow is done; `undefined` if the id is taken.
   */
  reserve(randomId: string, cancel: () => void): Promise<(() => void) | undefined>
  /** Cancels a run that was invoked at any replica. @returns whether there is one and it was told. */
  cancel(randomId: string): Promise<boolean>
  /** Whether it can be reached. */
  ready(): boolean
  /** Calls `fn` when it is away, with the reason, and when it is there, whenever that changes. */
  watchReady(fn: (ready: boolean, reason?: string) => void): () => void
  /** Copies the runs of this process into it, where it does not hold them by itself. The first call counts. */
  record?(registry: ObserverRegistry): void
  /**
   * Takes what arrives for runs of other processes, where it is folded in some bridge of several.
   *
   * @param collectorOf - Folds spans and link records into the runs of a registry.
   */
  intake?(
    collectorOf: (registry: ObserverRegistry) => SpanCollector,
    options?: { readonly byConversation?: boolean },
  ): StoreIntake
  /** Where the runs are that this process writes into it, where it does not hold them by itself. */
  written?(): readonly ObserverRegistry[]
  /** What of it concerns this bridge, for `/metrics`, where it is not this process. */
  stats?(): StoreStats
  /** What all bridges of the store go by together, once that is known. */
  readonly deployment?: string | undefined
  close(): Promise<void>
}
