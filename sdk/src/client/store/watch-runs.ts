import type { RunSummary } from '../../event/run-summary.ts'
import { coreOf } from '../client-core.ts'
import type { Client } from '../create-client.ts'
import type { Connection } from '../state/run-state.ts'
import { follow } from '../stream/follow.ts'
import { isSummary, listSource } from '../stream/run-list.ts'
import { type Feed, LiveStore } from './live-store.ts'

/** The runs that a bridge knows. */
export interface RunListState {
  readonly connection: Connection
  /** Newest first, 10 000 at most. */
  readonly runs: readonly RunSummary[]
  /** Add it to this machine's clock to get the bridge's, in milliseconds. 0 while it is not known. */
  readonly skewMs: number
}

/** The runs of a bridge, kept up to date while somebody listens. */
export type RunListStore = LiveStore<RunListState>

const MAX_RUNS = 10_000

/** A list of which nothing is known. */
export const NO_RUNS: RunListState = Object.freeze({
  connection: Object.freeze({ state: 'idle' }),
  runs: Object.freeze([]),
  skewMs: 0,
})

const stores = new WeakMap<Client, RunListStore>()

/** The runs that there are, kept up to date while somebody listens: one store for all who ask for it meanwhile. */
export function watchRuns(client: Client): RunListStore {
  const known = stores.get(client)
  if (known !== undefined) return known
  const store: RunListStore = new LiveStore<RunListState>(
    NO_RUNS,
    (feed) => read(client, feed),
    () => stores.delete(client),
  )
  stores.set(client, store)
  return store
}

/** The runs of a client, if somebody watches them already. */
export function peekRuns(client: Client): RunListState | undefined {
  return stores.get(client)?.getSnapshot()
}

async function read(client: Client, { signal, nap, update }: Feed<RunListState>): Promise<void> {
  const { http, options } = coreOf(client)
  const known = new Map<string, RunSummary>()
  /** Runs of earlier connections that this one has not told yet. */
  const unconfirmed = new Set<string>()
  const connection = (to: Connection): void => {
    if (to.state === 'open') for (const id of known.keys()) unconfirmed.add(id)
    update((state) => ({ ...state, connection: to }))
  }
  for await (const batch of follow(http, options, listSource({ signal, nap, connection }))) {
    let skewMs: number | undefined
    for (const { value } of batch) {
      if (isSummary(value)) {
        known.set(value.randomId, value)
        unconfirmed.delete(value.randomId)
      } else if (value !== undefined && 'serverTime' in value) {
        // By the first heartbeat, all runs that there are have been told.
        for (const id of unconfirmed) known.delete(id)
        unconfirmed.clear()
        skewMs = value.serverTime - value.receivedAt
      }
    }
    const runs = newest(known)
    update((state) => ({ ...state, runs, skewMs: skewMs ?? state.skewMs }))
  }
}

function newest(known: Map<string, RunSummary>): RunSummary[] {
  const runs = [...known.values()].sort((a, b) => b.startedAt - a.startedAt)
  for (const { randomId } of runs.splice(MAX_RUNS)) known.delete(randomId)
  return runs
}
