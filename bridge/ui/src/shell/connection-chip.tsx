import type { Connection } from '@spancast/sdk/client'
import { type ReactElement, useEffect, useState } from 'react'
import { count } from '../text/format.ts'
import { Icon, type IconName } from './icon.tsx'

export interface ConnectionChipProps {
  readonly connection: Connection
  /** Events that wait while the page is held; `undefined` if it is not. */
  readonly held?: number | undefined
  /** Undefined where the reader is offered it elsewhere. */
  readonly onRetry: (() => void) | undefined
}

/** How the page is connected: that is something else than how the run stands. */
export function ConnectionChip({ connection, held, onRetry }: ConnectionChipProps): ReactElement {
  const { state } = connection
  const canRetry = onRetry !== undefined && (state === 'reconnecting' || state === 'failed')
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

type Words = readonly [icon: IconName, tone: string, text: string]

const FAILURES: Readonly<Record<string, Words>> = {
  AuthError: ['error', 'error', 'Not allowed'],
  RunNotFoundError: ['unknown', 'muted', 'Not found'],
  RunExpiredError: ['unknown', 'muted', 'Expired'],
}

const TRIES_BEFORE_OFFLINE = 3

/** Whether there is nobody to be connected to, as far as has been tried. */
export function isOffline(connection: Connection): boolean {
  const { state } = connection
  return (
    state === 'failed' || (state === 'reconnecting' && connection.attempt > TRIES_BEFORE_OFFLINE)
  )
}

function wordsOf(connection: Connection, held: number | undefined): Words {
  if (held !== undefined) {
    return ['pause', 'warn', `Paused${held > 0 ? ` · ${count(held)} new` : ''}`]
  }
  switch (connection.state) {
    case 'open':
      return ['live', 'ok', 'Live']
    case 'closed':
      return ['ok', 'muted', 'Complete']
    case 'paused':
      return ['pause', 'muted', 'Idle']
    case 'reconnecting':
      return isOffline(connection)
        ? ['offline', 'error', 'Offline, retrying']
        : ['retry', 'warn', `Reconnecting (${connection.attempt})`]
    case 'failed':
      return FAILURES[connection.error.name] ?? ['offline', 'error', 'Offline']
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
