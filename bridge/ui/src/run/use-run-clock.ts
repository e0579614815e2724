import type { RunState } from '@spancast/sdk/client'
import { isOver } from '@spancast/sdk/client'
import { type RefObject, useEffect, useLayoutEffect, useRef } from 'react'
import { running } from '../text/format.ts'
import { label } from '../text/visible.ts'
import { RunClock, type RunTime } from './run-clock.ts'
import { runStatus } from './run-status.ts'
import { runStartOf } from './step.ts'

export interface ClockOptions {
  readonly state: RunState
  /** The reader has stopped the page. */
  readonly held: boolean
  /** In milliseconds since the run began, if it is seen as it was then. */
  readonly replayAt: number | undefined
}

/** Keeps the time of the view below `root`, and that in the window's title. */
export function useRunClock(root: RefObject<HTMLElement | null>, options: ClockOptions): void {
  const clock = useRef<RunClock>(undefined)
  const { run } = options.state
  const heading = useRef({ sign: '', name: '' })
  heading.current = { sign: runStatus(run.status).sign, name: label(run.name) || run.randomId }
  useLayoutEffect(() => {
    const element = root.current
    if (element === null) return
    const made = new RunClock(element)
    let title = ''
    made.onTick = (now) => {
      const { sign, name } = heading.current
      const time = now > 0 ? ` ${now < 60_000 ? `${Math.floor(now / 1000)} s` : running(now)}` : ''
      const next = `${sign} ${name}${time} · Spancast`
      if (next === title) return
      title = next
      document.title = next
    }
    clock.current = made
    return () => made.stop()
  }, [root])
  const runStart = runStartOf(options.state)
  const time = timeOf(options, runStart)
  const skewMs = typeof time === 'object' && 'skewMs' in time ? time.skewMs : undefined
  const at = typeof time === 'object' && 'at' in time ? time.at : undefined
  // biome-ignore lint/correctness/useExhaustiveDependencies: what `time` is made of stands for it.
  useLayoutEffect(() => clock.current?.set(runStart, time), [runStart, skewMs, at])
  useEffect(() => clock.current?.refresh())
}

function timeOf({ state, held, replayAt }: ClockOptions, runStart: number): RunTime {
  const { run, connection, skewMs } = state
  const last = { at: Math.max(0, (run.lastEventAt ?? runStart) - runStart) }
  if (replayAt !== undefined) return { at: replayAt }
  if (isOver(run.status)) return { at: Math.max(run.duration ?? 0, last.at) }
  if (held) return 'held'
  if (run.status === 'stalled') return last
  if (run.status === 'unknown') return { at: 0 }
  return connection.state === 'open' ? { skewMs } : 'held'
}
