import type { RunState } from '@spancast/sdk/client'
import { type ReactElement, useMemo, useRef } from 'react'
import { Icon } from '../shell/icon.tsx'
import { count, counted, offset } from '../text/format.ts'
import { label } from '../text/visible.ts'
import { type Entry, entriesOf, summaryOf } from './entries.ts'
import { type Pace, useFollow } from './follow.ts'
import { runStartOf } from './step.ts'
import { Windowed } from './windowed.tsx'

const ROW_HEIGHT = 26

export interface EventLogProps {
  readonly state: RunState
  readonly pace: Pace
  onSelect(spanId: string): void
}

/** Everything that happened, as it came. */
export function EventLog({ state, pace, onSelect }: EventLogProps): ReactElement {
  const scroller = useRef<HTMLDivElement>(null)
  const { log, gaps } = state
  const entries = useMemo(() => entriesOf({ log, gaps }), [log, gaps])
  const follow = useFollow(scroller, entries.length, pace)
  const runStart = runStartOf(state)
  const dropped = (log.at(-1)?.seq ?? 0) > entries.length && log.length > entries.length
  return (
    <div className="log-box">
      {dropped && (
        <p className="log-note muted">
          The last {count(entries.length)} of {count(log.at(-1)?.seq ?? 0)} events. Export has all
          that the bridge kept.
        </p>
      )}
      <div
        ref={scroller}
        className="log"
        role="log"
        aria-live="off"
        aria-label="Events"
        tabIndex={0}
      >
        <Windowed
          scroller={scroller}
          count={entries.length}
          rowHeight={ROW_HEIGHT}
          keep={-1}
          row={(index, top) => {
            const entry = entries[index]
            return entry === undefined ? null : (
              <LogRow key={keyOf(entry)} {...{ entry, top, runStart, onSelect }} />
            )
          }}
        />
      </div>
      {!follow.following && follow.unseen > 0 && (
        <button
          type="button"
          className="button primary small pill"
          onClick={() => follow.set(true)}
        >
          <Icon name="down" />
          {count(follow.unseen)} new
        </button>
      )}
    </div>
  )
}

interface LogRowProps {
  readonly entry: Entry
  readonly top: number
  readonly runStart: number
  onSelect(spanId: string): void
}

function LogRow({ entry, top, runStart, onSelect }: LogRowProps): ReactElement {
  const style = { transform: `translateY(${top}px)` }
  if (entry.type === 'gap') {
    const { from, to, count: missing } = entry.gap
    return (
      <div className="log-row gap-row" data-testid="gap" style={style}>
        <Icon name="warning" />
        {counted(missing, 'event')} missing ({from}–{to})
      </div>
    )
  }
  const { event } = entry
  const failed = event.type === 'agent.error' || ('error' in event && event.error !== undefined)
  return (
    <div
      className={failed ? 'log-row failed' : 'log-row'}
      data-testid="log-row"
      data-seq={event.seq}
      style={style}
    >
      <span className="log-seq number">{event.seq}</span>
      <span className="log-time number">{offset(event.timestamp - runStart)}</span>
      <button type="button" className="log-type" onClick={() => onSelect(event.spanId)}>
        {failed && <Icon name="error" />}
        {label(event.type)}
      </button>
      <bdi className="log-text">{label(summaryOf(event))}</bdi>
    </div>
  )
}

function keyOf(entry: Entry): string {
  return entry.type === 'gap' ? `gap-${entry.gap.from}` : String(entry.event.seq)
}
