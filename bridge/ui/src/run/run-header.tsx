import type { RunState } from '@spancast/sdk/client'
import { type ReactElement, useEffect, useRef } from 'react'
import { copy } from '../shell/copy.ts'
import { Icon } from '../shell/icon.tsx'
import { STACKED, useMedia } from '../shell/media.ts'
import { count, counted, duration } from '../text/format.ts'
import { label } from '../text/visible.ts'
import { RunActions, type RunActionsProps } from './run-actions.tsx'
import { runStatus } from './run-status.ts'
import { kindWord, nameOf, runStartOf, startOf, stepCount } from './step.ts'
import { UsageLine } from './usage-line.tsx'

export interface RunHeaderProps extends RunActionsProps {
  readonly incomplete: boolean
}

/** The run at a glance. */
export function RunHeader(props: RunHeaderProps): ReactElement {
  const { state, incomplete } = props
  const stacked = useMedia(STACKED)
  const { run, spans, errorIds, usage } = state
  const { word, icon, tone } = runStatus(run.status)
  const steps = stepCount(state)
  const heading = useRef<HTMLHeadingElement>(null)
  useEffect(() => heading.current?.focus({ preventScroll: true }), [])
  return (
    <header className="run-header">
      <div className="run-title">
        <h1 ref={heading} tabIndex={-1}>
          <bdi>{run.name === '' ? 'Run' : label(run.name)}</bdi>
        </h1>
        <span className={`badge tone-${tone}`} data-testid="run-status" data-status={run.status}>
          <Icon name={icon} />
          {word}
        </span>
        {run.duration !== undefined ? (
          <span key="over" className="number">
            {duration(run.duration)}
          </span>
        ) : (
          run.status !== 'unknown' && <span key="open" className="number" data-since="0" />
        )}
        <button
          type="button"
          className="button plain small mono id"
          title="Copy the run's id"
          onClick={() => copy(run.randomId)}
        >
          {run.randomId}
          <Icon name="copy" />
        </button>
      </div>
      <div className="run-facts">
        {steps > 0 && (
          <span className="number muted" data-testid="steps">
            {counted(steps, 'step')}
            {errorIds.length > 0 && ` · ${count(errorIds.length)} failed`}
          </span>
        )}
        {spans.size > 0 && <UsageLine usage={usage} incomplete={incomplete} />}
        <Now state={state} />
        <span className="space" />
        {!stacked && <RunActions {...props} />}
      </div>
    </header>
  )
}

/** What goes on at the moment: what was started last and has not ended. */
function Now({ state }: { readonly state: RunState }): ReactElement | null {
  if (state.run.status !== 'running') return null
  const span = state.spans.get(state.openIds.at(-1) ?? '')
  if (span === undefined) return null
  return (
    <span className="now-doing">
      <span className="muted">now:</span> {kindWord(span)} <bdi>{nameOf(span)}</bdi> ·{' '}
      <span key={span.spanId} className="number" data-since={startOf(span, runStartOf(state))} />
    </span>
  )
}
