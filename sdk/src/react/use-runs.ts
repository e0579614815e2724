import { useMemo, useSyncExternalStore } from 'react'
import type { Client } from '../client/create-client.ts'
import { NO_RUNS, peekRuns, type RunListState, watchRuns } from '../client/store/watch-runs.ts'
import { clientOfThisOrigin, useGivenClient } from './client-context.ts'
import { ThrottledView } from './throttled-view.ts'

export interface UseRunsOptions {
  /** Default: that of the nearest SpancastProvider, else one for the page's origin. The same one each time. */
  readonly client?: Client | undefined
  /** Whether to connect. Default true. */
  readonly enabled?: boolean | undefined
  /** How long changes are gathered before the component renders, in milliseconds. Default 50; 0: every change. */
  readonly throttleMs?: number | undefined
}

/** The runs of a bridge as a component sees them. */
export interface RunListView extends RunListState {
  /** Why reading the list has failed. */
  readonly error: Error | undefined
  /** Tries again at once: after a failure, or while it waits. */
  readonly retry: () => void
}

const THROTTLE_MS = 50

/** The runs that the bridge knows, newest first, kept up to date while the component is mounted. */
export function useRuns(options: UseRunsOptions = {}): RunListView {
  const { enabled = true, throttleMs = THROTTLE_MS } = options
  const client = useGivenClient(options.client)
  const view = useMemo(
    () =>
      new ThrottledView<RunListState>({
        open: () => watchRuns(client ?? clientOfThisOrigin()),
        initial: (client && peekRuns(client)) ?? NO_RUNS,
        throttleMs,
        isFinal: ({ connection }) => connection.state === 'failed',
      }),
    [client, throttleMs],
  )
  const { subscribe, getSnapshot, retry } = view
  const state = useSyncExternalStore(enabled ? subscribe : idle, getSnapshot, getSnapshot)
  return useMemo(() => {
    const { connection } = state
    return { ...state, error: connection.state === 'failed' ? connection.error : undefined, retry }
  }, [state, retry])
}

function idle(): () => void {
  return () => {}
}
