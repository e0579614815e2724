import type { Connection } from '@spancast/sdk/client'
import { type ReactElement, useEffect, useState } from 'react'
import { count } from '../text/format.ts'
import { Icon, type IconName } from './icon.tsx'

export interface ConnectionChipProps {
  readonly connection: Connection
  /** Events that wait while the page is held; `undefined` if it is not. */
  readonly held?: number | undefined
  onRetry(): void
}

/** How the page is connected: that is something else than how the run stands. */
export function ConnectionChip({ connection, held, onRetry }: ConnectionChipProps): ReactElement {
  const { state } = connection
  const canRetry = state === 'reconnecting' || state === 'failed'
  const [icon, tone, text] = wordsOf(connection, held)
  return (
    <>
      <span className={`badge tone-${tone}`} data-testid="conn" data-state={state}>
        <Icon name={icon} />
        {text}
        {state === 'reconnecting' && held === undefined && <Countdown until={connection.nextAt} />}
      </span>
      {canRetry && (
        <button type="button" className="button small" onClick={onRetry}>
          Retry now
        </button>
      )}
    </>
  )
}

function wordsOf(
  connection: Connection,
  held: number | undefined,
): readonly [IconName, string, string] {
  if (held !== undefined)
    return ['pause', 'warn', `Paused${held > 0 ? ` · ${count(held)} new` : ''}`]
  switch (connection.state) {
    case 'open':
      return ['live', 'ok', 'Live']
    case 'closed':
      return ['ok', 'muted', 'Complete']
    case 'paused':
      return ['pause', 'muted', 'Idle']
    case 'reconnecting':
      return ['retry', 'warn', `Reconnecting (${connection.attempt})`]
    case 'failed':
      return connection.error.name === 'AuthError'
        ? ['error', 'error', 'Not allowed']
        : ['offline', 'error', 'Offline']
    default:
      return ['unknown', 'muted', 'Connecting']
  }
}

function Countdown({ until }: { readonly until: number }): ReactElement | null {
  const [left, setLeft] = useState(() => until - Date.now())
  useEffect(() => {
    const tell = (): void => setLeft(until - Date.now())
    tell()
    const timer = setInterval(tell, 500)
    return () => clearInterval(timer)
  }, [until])
  const seconds = Math.ceil(left / 1000)
  return seconds > 0 ? <span className="number"> in {seconds} s</span> : null
}
