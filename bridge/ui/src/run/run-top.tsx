import { isOver, type RunState } from '@spancast/sdk/client'
import type { RunView } from '@spancast/sdk/react'
import type { ReactElement } from 'react'
import { ConnectionChip, isOffline } from '../shell/connection-chip.tsx'
import { PauseButton } from '../shell/pause-button.tsx'
import { follow, RUNS_HREF } from '../shell/route.ts'
import { TopBar } from '../shell/top-bar.tsx'
import { label } from '../text/visible.ts'

export interface RunTopProps {
  readonly latest: RunView
  /** The state at which the reader has stopped the page. */
  readonly held: RunState | undefined
  /** Whether nothing of the run has been seen. */
  readonly empty: boolean
  onHelp(): void
  onPause(): void
}

/** The way back, the connection, and the button that stops the page. */
export function RunTop({ latest, held, empty, onHelp, onPause }: RunTopProps): ReactElement {
  const { run, connection, retry, log } = latest
  const crumb = (
    <>
      <a href={RUNS_HREF} onClick={follow}>
        Runs
      </a>
      <span aria-hidden="true">/</span>
      <span className="crumb-name">
        {run.name === '' ? run.randomId.slice(0, 8) : label(run.name)}
      </span>
    </>
  )
  const waiting = held === undefined ? undefined : Math.max(0, log.lastKey - held.log.lastKey)
  return (
    <TopBar onHelp={onHelp} crumb={crumb}>
      <ConnectionChip
        connection={connection}
        held={waiting}
        onRetry={empty && isOffline(connection) ? undefined : retry}
      />
      {!isOver(run.status) && !empty && (
        <PauseButton paused={held !== undefined} onPause={onPause} />
      )}
    </TopBar>
  )
}
