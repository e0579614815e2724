import type { RunState } from '@spancast/sdk/client'
import type { ReactElement } from 'react'
import { cancelRun, exportRun, isInvokedHere } from '../shell/acts.ts'
import { copy } from '../shell/copy.ts'
import { Icon } from '../shell/icon.tsx'

export interface RunActionsProps {
  readonly state: RunState
  readonly jaegerUrl: string | undefined
}

/** What can be done with a run. */
export function RunActions({ state, jaegerUrl }: RunActionsProps): ReactElement {
  const { randomId, status } = state.run
  const canCancel = status === 'running' && isInvokedHere(randomId)
  return (
    <span className="actions">
      {canCancel && (
        <button type="button" className="button small" onClick={() => cancelRun(randomId)}>
          <Icon name="close" />
          Cancel run
        </button>
      )}
      {jaegerUrl !== undefined && (
        <a
          className="button small"
          href={jaegerUrl}
          target="_blank"
          rel="noopener noreferrer"
          data-testid="jaeger-link"
        >
          Open in Jaeger
          <Icon name="external" />
        </a>
      )}
      <button type="button" className="button small" onClick={() => exportRun(randomId)}>
        <Icon name="download" />
        Export
      </button>
      <button type="button" className="button small" onClick={() => copy(location.href)}>
        <Icon name="link" />
        Copy link
      </button>{' '}
    </span>
  )
}
