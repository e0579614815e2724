import { coreOf } from '../client-core.ts'
import type { Client } from '../create-client.ts'
import { reduce } from '../state/reduce.ts'
import { initialState, type RunState } from '../state/run-state.ts'
import { follow } from '../stream/follow.ts'
import type { Frame } from '../stream/frames.ts'
import { recordIn, type StreamRecord } from '../stream/record.ts'
import { endOf, runPath } from '../stream/run-stream.ts'
import { LiveStore } from './live-store.ts'

/** One run, kept up to date while somebody listens. */
export type RunStore = LiveStore<RunState>

const stores = new WeakMap<Client, Map<string, RunStore>>()

/**
 * The state of a run, kept up to date while somebody listens: one store, and one connection, for all who ask for that
 * run of that client meanwhile.
 *
 * @throws TypeError for a client that `createClient` has not made.
 */
export function watchRun(client: Client, randomId: string): RunStore {
  const known = stores.get(client) ?? new Map<string, RunStore>()
  stores.set(client, known)
  const there = known.get(randomId)
  if (there !== undefined) return there
  const store = open(client, randomId, () => {
    // Who has kept this one may leave it again when there is another.
    if (known.get(randomId) === store) known.delete(randomId)
  })
  known.set(randomId, store)
  return store
}

/** The state of a run that somebody watches already. */
export function peekRun(client: Client, randomId: string): RunState | undefined {
  return stores.get(client)?.get(randomId)?.getSnapshot()
}

function open(client: Client, randomId: string, unused: () => void): RunStore {
  const { http, options } = coreOf(client)
  const store: RunStore = new LiveStore(
    initialState(randomId),
    async ({ signal, nap, update }) => {
      const batches = follow(http, options, {
        path: runPath(randomId, undefined),
        after: store.getSnapshot().lastEventId,
        signal,
        nap,
        decode: recordIn,
        endOf,
        connection: (connection) => update((state) => ({ ...state, connection })),
      })
      // One change for all that came together.
      for await (const batch of batches) update((state) => withBatch(state, batch))
    },
    unused,
  )
  return store
}

function withBatch(state: RunState, batch: readonly Frame<StreamRecord>[]): RunState {
  let next = state
  let { lastEventId } = state
  for (const { value, id } of batch) {
    if (value !== undefined) next = reduce(next, value)
    lastEventId = id ?? lastEventId
  }
  return lastEventId === next.lastEventId ? next : Object.freeze({ ...next, lastEventId })
}
