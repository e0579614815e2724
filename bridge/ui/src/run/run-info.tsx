import type { ReactElement } from 'react'
import { STACKED, useMedia } from '../shell/media.ts'
import { count, moment } from '../text/format.ts'
import { ErrorView } from './error-view.tsx'
import { Facts } from './facts.tsx'
import { RunActions, type RunActionsProps } from './run-actions.tsx'
import { stepCount } from './step.ts'
import { ValueView } from './value-view.tsx'

/** What is known of the run as a whole. */
export function RunInfo(props: RunActionsProps): ReactElement {
  const { state } = props
  const stacked = useMedia(STACKED)
  const { run, log, restarts } = state
  return (
    <article className="details-body">
      {stacked && <RunActions {...props} />}
      {run.error !== undefined && <ErrorView error={run.error} />}
      {run.input !== undefined && <ValueView title="Input" value={run.input} />}
      {run.output !== undefined && <ValueView title="Output" value={run.output} />}
      <Facts
        title="Run"
        facts={[
          ['Id', run.randomId],
          ['Trace', run.traceId],
          ['Started', run.startedAt === undefined ? undefined : moment(run.startedAt, Date.now())],
          ['Steps', count(stepCount(state))],
          ['Events', count(log.lastKey)],
          ['Restarts seen', restarts === 0 ? undefined : count(restarts)],
        ]}
      />
    </article>
  )
}
