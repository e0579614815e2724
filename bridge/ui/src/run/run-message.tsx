import type { Connection } from '@spancast/sdk/client'
import { type ReactElement, useEffect, useState } from 'react'
import { BASE_URL } from '../shell/base-url.ts'
import { isOffline } from '../shell/connection-chip.tsx'
import { jaegerUrl } from '../shell/jaeger.ts'
import { Message, Offline } from '../shell/message.tsx'
import { queryOf } from '../shell/query.ts'
import { follow, RUNS_HREF } from '../shell/route.ts'
import { TokenForm } from '../shell/token-form.tsx'

const PATIENCE_MS = 2000

export interface RunMessageProps {
  readonly randomId: string
  readonly connection: Connection
  onRetry(): void
}

/** What stands in place of a run of which nothing has been seen. */
export function RunMessage({ randomId, connection, onRetry }: RunMessageProps): ReactElement {
  const [patient, setPatient] = useState(true)
  useEffect(() => {
    const timer = setTimeout(() => setPatient(false), PATIENCE_MS)
    return () => clearTimeout(timer)
  }, [])
  if (connection.state === 'failed') {
    return <Failed randomId={randomId} error={connection.error} onRetry={onRetry} />
  }
  if (connection.state === 'open') {
    return (
      <Message title="No events yet">
        <p>The page fills in by itself when the run begins.</p>
      </Message>
    )
  }
  if (isOffline(connection)) return <Offline error={undefined} onRetry={onRetry} />
  return (
    <div className="skeleton" aria-busy="true">
      <p className="muted">
        {patient ? 'Connecting …' : `Waiting for the run at ${BASE_URL.href}`}
      </p>
      <i />
      <i />
      <i />
      <i />
    </div>
  )
}

function Failed({
  randomId,
  error,
  onRetry,
}: {
  readonly randomId: string
  readonly error: Error
  onRetry(): void
}): ReactElement {
  const trace = jaegerUrl(queryOf('trace'))
  const runs = (
    <a className="button" href={RUNS_HREF} onClick={follow}>
      All runs
    </a>
  )
  const inJaeger = trace !== undefined && (
    <a
      className="button primary"
      href={trace}
      target="_blank"
      rel="noopener noreferrer"
      data-testid="jaeger-link"
    >
      Open its trace in Jaeger
    </a>
  )
  switch (error.name) {
    case 'RunNotFoundError':
      return (
        <Message title="Run not found">
          <p>
            This bridge has not seen a run <code>{randomId}</code>. It may run elsewhere, or have no
            event yet.
          </p>
          <p className="actions">
            {inJaeger}
            <button type="button" className="button" onClick={onRetry}>
              Look again
            </button>
            {runs}
          </p>
        </Message>
      )
    case 'RunExpiredError':
      return (
        <Message title="This run has expired">
          <p>
            It was here, and is no longer in the live buffer: runs are kept for a few minutes after
            their end. Its trace is where traces are kept.
          </p>
          <p className="actions">
            {inJaeger}
            {runs}
          </p>
        </Message>
      )
    case 'AuthError':
      return <TokenForm error={error} />
    default:
      return <Offline error={error} onRetry={onRetry} />
  }
}
