import { useEffect, useMemo, useState, useSyncExternalStore } from 'react'
import type { Client } from '../client/create-client.ts'
import { initialState, isOver, type RunFacts, type RunState } from '../client/state/run-state.ts'
import { runText } from '../client/state/run-text.ts'
import { peekRun, watchRun } from '../client/store/watch-run.ts'
import type { AgentEvent } from '../event/agent-event.ts'
import { clientOfThisOrigin, useGivenClient } from './client-context.ts'
import { EventTeller } from './event-teller.ts'
import { type Source, ThrottledView } from './throttled-view.ts'

export interface UseRunOptions {
  /** Default: that of the nearest SpancastProvider, else one for the page's origin. The same one each time. */
  readonly client?: Client | undefined
  /** Whether to connect. Default true. */
  readonly enabled?: boolean | undefined
  /**
   * How long changes are gathered before the component renders, in milliseconds; the run's end is shown at once.
   * Default 50; 0: every change.
   */
  readonly throttleMs?: number | undefined
  /** What is shown until something of the run has come. */
  readonly initial?: RunState | undefined
  /** Called with each event of the run, once, in their order; those from before the component was there included. */
  readonly onEvent?: ((event: AgentEvent) => void) | undefined
  /** Called once, when the run is over. */
  readonly onEnd?: ((run: RunFacts) => void) | undefined
}

export interface SelectOptions<T> extends UseRunOptions {
  /** The part of the state that the component shows: it renders when that is another one, by `Object.is`. */
  readonly select: (state: RunState) => T
}

/** A run as a component sees it. */
export interface RunView extends RunState {
  /** What the run has streamed as text, as `runText` tells it. */
  readonly text: string
  /** Why reading the run has failed. What the run itself failed with is in `run` and `firstError`. */
  readonly error: Error | undefined
  /** Closes the connection, for all who watch this run. */
  readonly close: () => void
  /** Tries again at once: after a failure, a `close`, or while it waits. */
  readonly retry: () => void
}

const THROTTLE_MS = 50

/**
 * The state of a run, kept up to date while the component is mounted. All components that show the same run of the
 * same client share one connection.
 */
export function useRun(randomId: string, options?: UseRunOptions): RunView
export function useRun<T>(randomId: string, options: SelectOptions<T>): T
export function useRun<T>(
  randomId: string,
  options: UseRunOptions & Partial<SelectOptions<T>> = {},
): RunView | T {
  const { enabled = true, throttleMs = THROTTLE_MS, initial, select } = options
  const client = useGivenClient(options.client)
  const [teller] = useState(() => new EventTeller())
  useEffect(() => teller.listen(options))
  const view = useMemo(
    () =>
      new ThrottledView<RunState>({
        open: () => watchRun(client ?? clientOfThisOrigin(), randomId),
        initial: (client && peekRun(client, randomId)) ?? initialState(randomId),
        throttleMs,
        isFinal: ({ run, connection }) => isOver(run.status) || connection.state === 'failed',
        onState: (state) => teller.tell(state),
      }),
    [client, randomId, throttleMs, teller],
  )
  const read = cached((): RunState | T => {
    const shown = view.getSnapshot()
    const state = initial !== undefined && isBlank(shown) ? initial : shown
    return select === undefined ? state : select(state)
  }, view.getSnapshot)
  const value = useSyncExternalStore(enabled ? view.subscribe : idle, read, read)
  const isPart = select !== undefined
  // What was read is what was asked for.
  return useMemo(
    () => (isPart ? (value as T) : viewOf(value as RunState, view)),
    [isPart, value, view],
  )
}

/** So that what makes a new value each time gives one value for one state. */
function cached<T>(read: () => T, stateOf: () => unknown): () => T {
  let last: { readonly state: unknown; readonly value: T } | undefined
  return () => {
    const state = stateOf()
    if (last === undefined || last.state !== state) last = { state, value: read() }
    return last.value
  }
}

function viewOf(state: RunState, { close, retry }: Source<RunState>): RunView {
  const { connection } = state
  const error = connection.state === 'failed' ? connection.error : undefined
  let text: string | undefined
  return {
    ...state,
    get text() {
      text ??= runText(state)
      return text
    },
    error,
    close,
    retry,
  }
}

function isBlank({ log, connection }: RunState): boolean {
  return log.length === 0 && connection.state !== 'failed'
}

function idle(): () => void {
  return () => {}
}
