import type { RunState } from '@spancast/sdk/client'
import type { ReactElement } from 'react'
import { Icon } from '../shell/icon.tsx'
import { count, counted, timeOfDay } from '../text/format.ts'
import { label } from '../text/visible.ts'
import { gapsOf } from './missing.ts'

export interface BannersProps {
  readonly state: RunState
  /** 1 for the first error; 0 if none was shown yet. */
  readonly errorAt: number
  onError(step: 1 | -1): void
  onGap(): void
}

/** What the reader must know before believing the rest. */
export function Banners({ state, errorAt, onError, onGap }: BannersProps): ReactElement {
  const { firstError, errorIds, connection, run, stale } = state
  const gaps = gapsOf(state)
  const missing = gaps.reduce((sum, gap) => sum + gap.count, 0)
  const first = gaps[0]
  const last = gaps.at(-1)
  const cut = connection.state === 'reconnecting' || connection.state === 'failed'
  const seen = run.lastEventAt
  return (
    <div className="banners">
      {cut && seen !== undefined && (
        <div className="banner" data-testid="frozen-banner">
          <Icon name="retry" />
          <p>Showing data up to {timeOfDay(seen)}. Steps may have finished since.</p>
        </div>
      )}
      {stale && (
        <div className="banner">
          <Icon name="warning" />
          <p>
            The bridge was restarted. This is what was seen before; the run shows anew when it sends
            again.
          </p>
        </div>
      )}
      {run.status === 'stalled' && (
        <div className="banner" data-testid="stalled-banner">
          <Icon name="stalled" />
          <p>
            No sign of life{seen === undefined ? '' : ` since ${timeOfDay(seen)}`}. The process may
            have crashed.
          </p>
        </div>
      )}
      {firstError !== undefined && (
        <div className="banner bad" data-testid="error-banner">
          <Icon name="error" />
          <p dir="auto">
            <strong>{counted(Math.max(1, errorIds.length), 'error')}</strong>{' '}
            <bdi>{label(firstError.name || 'run')}</bdi>: <bdi>{label(firstError.error.type)}</bdi>:{' '}
            <bdi>{label(firstError.error.message)}</bdi>
          </p>
          {errorIds.length > 0 && (
            <span className="actions">
              {errorIds.length > 1 && errorAt > 0 && (
                <span className="number muted">
                  {errorAt} / {count(errorIds.length)}
                </span>
              )}
              {errorIds.length > 1 && errorAt > 0 && (
                <button type="button" className="button small" onClick={() => onError(-1)}>
                  Previous
                </button>
              )}
              <button type="button" className="button small" onClick={() => onError(1)}>
                {errorAt === 0 ? 'Show' : 'Next'}
              </button>
            </span>
          )}
        </div>
      )}
      {missing > 0 && first !== undefined && last !== undefined && (
        <div className="banner" data-testid="gap-banner">
          <Icon name="warning" />
          <p>
            <strong>{counted(missing, 'event')} missing</strong> ({first.from}–{last.to}): the
            bridge keeps the newest only. Totals may be low.
          </p>
          <button type="button" className="button small" onClick={onGap}>
            Show
          </button>
        </div>
      )}
    </div>
  )
}
