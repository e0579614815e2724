import type { RunState } from '@spancast/sdk/client'
import {
  type CSSProperties,
  type KeyboardEvent,
  type MouseEvent,
  type ReactElement,
  useEffect,
  useLayoutEffect,
  useRef,
  useState,
} from 'react'
import { Icon } from '../shell/icon.tsx'
import { STACKED, useMedia } from '../shell/media.ts'
import { counted } from '../text/format.ts'
import type { View } from './axis.ts'
import { Axis } from './axis-line.tsx'
import { type Pace, useFollow } from './follow.ts'
import type { Row } from './rows.ts'
import { runStartOf, statusOf } from './step.ts'
import { goalOf } from './tree-keys.ts'
import type { Target } from './use-steps.ts'
import { GapTreeRow, WaterfallRow } from './waterfall-row.tsx'
import { Windowed } from './windowed.tsx'

export interface WaterfallProps {
  readonly state: RunState
  readonly rows: readonly Row[]
  readonly selectedId: string | undefined
  readonly target: Target | undefined
  /** Undefined: all of the run. */
  readonly view: View | undefined
  readonly pace: Pace
  readonly follow: boolean
  onFollow(following: boolean): void
  onSelect(spanId: string): void
  /** Enter, or a click: that leaves the focus where it is, if it can. */
  onOpen(by: 'key' | 'click'): void
  onToggle(spanId: string, expand: boolean): void
}

// Not with the tree, which is taken down and put up again on a phone: nobody wants to go there twice.
const reached = new WeakSet<Target>()

/** The steps of a run as a tree, each with its bar in time. */
export function Waterfall(props: WaterfallProps): ReactElement {
  const { state, rows, selectedId, target, view, pace, onSelect, onOpen, onToggle } = props
  const scroller = useRef<HTMLDivElement>(null)
  const stacked = useMedia(STACKED)
  const rowHeight = stacked ? 46 : 30
  const [focusedKey, setFocusedKey] = useState<string>()
  const [hasFocus, setHasFocus] = useState(false)
  const follow = useFollow(scroller, rows.length, pace)
  const wantFocus = useRef<string>(undefined)
  const runStart = runStartOf(state)
  const lastSign = lastSignOf(state, runStart)

  const indexOf = (key: string | undefined): number =>
    key === undefined ? -1 : rows.findIndex((row) => row.key === key)
  const focused = indexOf(focusedKey)
  const selected = indexOf(selectedId)
  const reachable = focused >= 0 ? focused : Math.max(selected, 0)

  const { onFollow, follow: wanted } = props
  const told = useRef(wanted)
  useEffect(() => {
    if (wanted !== told.current) follow.set(wanted)
    else if (wanted !== follow.following) onFollow(follow.following)
    told.current = wanted
  })

  // At once, or as soon as the row is there.
  const focusWanted = (): void => {
    const key = wantFocus.current
    if (key === undefined) return
    const row = scroller.current?.querySelector<HTMLElement>(`[data-key="${CSS.escape(key)}"]`)
    if (row === null || row === undefined) return
    wantFocus.current = undefined
    row.focus({ preventScroll: true })
  }
  const goTo = (index: number, focus: boolean): void => {
    const row = rows[index]
    if (row === undefined) return
    if (index < rows.length - 1) follow.set(false)
    reveal(scroller.current, index * rowHeight, rowHeight)
    setFocusedKey(row.key)
    if (focus) {
      wantFocus.current = row.key
      focusWanted()
    }
    if (row.type === 'step') onSelect(row.key)
  }
  // At each render: what a link points to may not have come yet.
  useEffect(() => {
    if (target === undefined || reached.has(target)) return
    const index = indexOf(target.key)
    if (index < 0) return
    reached.add(target)
    goTo(index, target.focus)
  })
  useLayoutEffect(focusWanted)

  const onKeyDown = (event: KeyboardEvent): void => {
    if (event.ctrlKey || event.metaKey || event.altKey) return
    const row = rows[reachable]
    if (event.key === 'Enter' && row?.type === 'step') {
      event.preventDefault()
      onSelect(row.key)
      onOpen('key')
      return
    }
    const goal = goalOf(event.key, rows, reachable, pageOf(scroller.current, rowHeight))
    if (goal === undefined) return
    event.preventDefault()
    if ('toggle' in goal) onToggle(goal.toggle, goal.expand)
    else goTo(goal.index, true)
  }
  const onClick = (event: MouseEvent<HTMLElement>): void => {
    // What was clicked on is an element.
    const clicked = event.target as HTMLElement
    const key = clicked.closest<HTMLElement>('[data-key]')?.dataset.key
    const row = rows[indexOf(key)]
    if (row?.type !== 'step') return
    setFocusedKey(row.key)
    if (clicked.closest('.twisty') !== null && row.expanded !== undefined) {
      onToggle(row.key, !row.expanded)
      return
    }
    onSelect(row.key)
    onOpen('click')
  }

  return (
    <div className="waterfall" style={viewStyle(view, lastSign)}>
      <Axis view={view} lastSign={lastSign} live={pace === 'live'} />
      <div
        ref={scroller}
        className="tree"
        role="tree"
        aria-label="Steps"
        aria-busy={pace === 'live' && rows.length === 0}
        onKeyDown={onKeyDown}
        onClick={onClick}
        onFocus={() => setHasFocus(true)}
        onBlur={() => setHasFocus(false)}
      >
        <Windowed
          scroller={scroller}
          count={rows.length}
          rowHeight={rowHeight}
          keep={hasFocus || focused >= 0 ? reachable : -1}
          row={(index, top) => {
            const row = rows[index]
            if (row === undefined) return null
            const place = {
              top,
              selected: index === selected,
              tabIndex: index === reachable ? 0 : -1,
            } as const
            if (row.type === 'gap') return <GapTreeRow key={row.key} row={row} {...place} />
            const status = statusOf(row.span, state)
            return (
              <WaterfallRow
                key={row.key}
                row={row}
                status={status}
                runStart={runStart}
                lastSign={status === 'running' ? 0 : lastSign}
                {...place}
              />
            )
          }}
        />
      </div>
      {!follow.following && follow.unseen > 0 && (
        <button
          type="button"
          className="button primary small pill"
          data-testid="follow-pill"
          onClick={() => follow.set(true)}
        >
          <Icon name="down" />
          {follow.unseen} new
          <span className="hidden-text"> {counted(follow.unseen, 'step')}, follow the end</span>
        </button>
      )}
    </div>
  )
}

function viewStyle(view: View | undefined, lastSign: number): CSSProperties {
  const length = view === undefined ? {} : { '--length': view.length }
  return { '--last': lastSign, '--from': view?.from ?? 0, ...length }
}

/** The latest moment that is known of, in milliseconds since the run began. */
function lastSignOf({ run }: RunState, runStart: number): number {
  return Math.max(run.duration ?? 0, (run.lastEventAt ?? runStart) - runStart)
}

function reveal(element: HTMLElement | null, top: number, height: number): void {
  if (element === null) return
  const { scrollTop, clientHeight } = element
  if (top < scrollTop) element.scrollTop = top
  else if (top + height > scrollTop + clientHeight) element.scrollTop = top + height - clientHeight
}

function pageOf(element: HTMLElement | null, rowHeight: number): number {
  return Math.max(1, Math.floor((element?.clientHeight ?? 0) / rowHeight) - 1)
}
