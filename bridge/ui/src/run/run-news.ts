import type { RunState, SpanState } from '@spancast/sdk/client'
import { useEffect, useRef } from 'react'
import { announce } from '../shell/announcer.tsx'
import { counted, duration } from '../text/format.ts'
import { label } from '../text/visible.ts'
import { runStatus } from './run-status.ts'
import { kindWord, nameOf } from './step.ts'

/** Says what changed to those who do not see it: nothing of what was over before they came, and no more than needed. */
export function useRunNews(state: RunState): void {
  const since = useRef(Date.now())
  const before = useRef<RunState>(undefined)
  useEffect(() => {
    const old = before.current
    before.current = state
    if (old === undefined) return
    const message = newsOf(old, state, since.current + state.skewMs)
    if (message !== undefined) announce(message)
  }, [state])
}

/** The most important of what is new. */
function newsOf(old: RunState, state: RunState, since: number): string | undefined {
  const { run, connection, errorIds } = state
  const failed = errorIds.length > old.errorIds.length ? causeOf(old, state, since) : undefined
  if (run.status !== old.run.status) {
    if (run.status === 'running') return isRecent(run.startedAt, since) ? 'Run started' : undefined
    if (run.status === 'stalled') return 'The run gives no sign of life'
    if (run.endedAt === undefined || !isRecent(run.endedAt, since)) return undefined
    const errors = errorIds.length > 0 ? `, ${counted(errorIds.length, 'error')}` : ''
    const cause = failed === undefined ? '' : `${failed}. `
    return `${cause}Run ${runStatus(run.status).word.toLowerCase()}, ${duration(run.duration ?? 0)}${errors}`
  }
  if (failed !== undefined) return failed
  if (connection.state !== old.connection.state) {
    if (connection.state === 'reconnecting') return 'Connection lost, retrying'
    if (connection.state === 'failed') return 'Connection lost'
    const wasLost = old.connection.state === 'reconnecting' || old.connection.state === 'failed'
    if (connection.state === 'open' && wasLost) return 'Connected again'
  }
  return undefined
}

/** The latest failure that is not told by one below it already. */
function causeOf(old: RunState, state: RunState, since: number): string | undefined {
  let cause: SpanState | undefined
  for (let at = old.errorIds.length; at < state.errorIds.length; at++) {
    const span = state.spans.get(state.errorIds.at(at) ?? '')
    if (span === undefined || !isRecent(span.endedAt, since)) continue
    const passedOn = [...span.childIds].some(
      (id) => state.spans.get(id)?.error?.message === span.error?.message,
    )
    if (!passedOn) cause = span
  }
  return cause === undefined ? undefined : `${kindWord(cause)} ${label(nameOf(cause))} failed`
}

function isRecent(time: number | undefined, since: number): boolean {
  return time !== undefined && time >= since
}
