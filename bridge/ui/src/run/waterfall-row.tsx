import { memo, type ReactElement } from 'react'
import { Icon } from '../shell/icon.tsx'
import { counted, duration } from '../text/format.ts'
import type { GapRow, StepRow } from './rows.ts'
import {
  endOf,
  iconOf,
  kindOf,
  kindWord,
  nameOf,
  type StepStatus,
  startOf,
  statusWord,
} from './step.ts'

export interface RowPlace {
  /** In pixels. */
  readonly top: number
  readonly tabIndex: 0 | -1
  readonly selected: boolean
}

export interface StepRowProps extends RowPlace {
  readonly row: StepRow
  readonly status: StepStatus
  readonly runStart: number
  /** Where the bar of a step that may never end stops, in milliseconds since the run began. */
  readonly lastSign: number
}

const DEEPEST = 14

/** One step: its name in the tree, its bar in time, how long it took. */
export const WaterfallRow = memo(function WaterfallRow(props: StepRowProps): ReactElement {
  const { row, status, runStart, lastSign, top, tabIndex, selected } = props
  const { span, level, position, siblings, expanded } = row
  const start = startOf(span, runStart)
  const end = endOf(span, runStart)
  const isOpen = end === undefined && status === 'running'
  return (
    <div
      className={`row kind-${kindOf(span)} is-${status}${row.matches ? '' : ' aside'}`}
      role="treeitem"
      data-testid="row"
      data-span={span.spanId}
      data-state={status}
      data-key={row.key}
      aria-level={level}
      aria-posinset={position}
      aria-setsize={siblings}
      aria-expanded={expanded}
      aria-selected={selected}
      tabIndex={tabIndex}
      style={{ transform: `translateY(${top}px)`, '--depth': Math.min(level - 1, DEEPEST) }}
    >
      <span className="row-name">
        <span className="twisty" aria-hidden="true">
          {expanded !== undefined && <Icon name={expanded ? 'open' : 'shut'} />}
        </span>
        <Icon name={iconOf(span)} />
        <bdi className="name">{nameOf(span)}</bdi>
        <span className="hidden-text">{kindWord(span)}</span>
        {status === 'error' ? (
          <span className="row-status">
            <Icon name="error" />
            error
          </span>
        ) : status !== 'ok' && status !== 'running' ? (
          <span className="row-status">
            <Icon name={status} />
            {statusWord(status)}
          </span>
        ) : (
          <span className="hidden-text">{statusWord(status)}</span>
        )}
      </span>
      <span className="lane">
        <span
          className="bar"
          data-testid="bar"
          data-state={status}
          style={{
            '--start': start,
            '--end': end ?? (isOpen ? 'var(--now)' : Math.max(start, lastSign)),
          }}
        />
      </span>
      {isOpen ? (
        <span key="open" className="row-time number" data-since={start} />
      ) : (
        <span key="shut" className="row-time number">
          {end === undefined ? '—' : duration(span.duration ?? end - start)}
        </span>
      )}
    </div>
  )
}, sameRow)

/** What is missing, at the place where it is. */
export function GapTreeRow({
  row: { gap, key },
  top,
  tabIndex,
  selected,
}: RowPlace & { readonly row: GapRow }): ReactElement {
  return (
    <div
      className="row gap-row"
      role="treeitem"
      data-testid="gap"
      data-key={key}
      aria-level={1}
      aria-selected={selected}
      tabIndex={tabIndex}
      style={{ transform: `translateY(${top}px)` }}
    >
      <Icon name="warning" />
      {counted(gap.count, 'event')} missing ({gap.from}–{gap.to})
    </div>
  )
}

function sameRow(a: StepRowProps, b: StepRowProps): boolean {
  return (
    a.row.span === b.row.span &&
    a.row.level === b.row.level &&
    a.row.position === b.row.position &&
    a.row.siblings === b.row.siblings &&
    a.row.expanded === b.row.expanded &&
    a.row.matches === b.row.matches &&
    a.status === b.status &&
    a.runStart === b.runStart &&
    a.lastSign === b.lastSign &&
    a.top === b.top &&
    a.tabIndex === b.tabIndex &&
    a.selected === b.selected
  )
}
