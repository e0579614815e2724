import { isOver, type RunState } from '@spancast/sdk/client'
import { useRun } from '@spancast/sdk/react'
import { type ReactElement, useRef, useState } from 'react'
import { announce } from '../shell/announcer.tsx'
import { useClient } from '../shell/bridge.ts'
import { Dialog } from '../shell/dialog.tsx'
import { jaegerUrl } from '../shell/jaeger.ts'
import { useMedia, WIDE } from '../shell/media.ts'
import { useQuery } from '../shell/query.ts'
import { useShortcuts } from '../shell/shortcuts.ts'
import { Banners } from './banners.tsx'
import { Details } from './details.tsx'
import type { Pace } from './follow.ts'
import { LogPane } from './log-pane.tsx'
import { gapsOf } from './missing.ts'
import { PaneTabs } from './pane-tabs.tsx'
import { RunHeader } from './run-header.tsx'
import { RunInfo } from './run-info.tsx'
import { RunMessage } from './run-message.tsx'
import { useRunNews } from './run-news.ts'
import { RunTop } from './run-top.tsx'
import { autoSelected } from './selection.ts'
import { StepsPane } from './steps-pane.tsx'
import { TextPane } from './text-pane.tsx'
import { useReplay } from './use-replay.ts'
import { useRunClock } from './use-run-clock.ts'
import { useSteps } from './use-steps.ts'
import { useZoom } from './use-zoom.ts'

export interface RunPageProps {
  readonly randomId: string
  onHelp(): void
}

/** One run: what it does, while it does it, and what it did. */
export function RunPage({ randomId, onHelp }: RunPageProps): ReactElement {
  const latest = useRun(randomId, { client: useClient() })
  const { retry } = latest
  const [held, setHeld] = useState<RunState>()
  const replay = useReplay(latest)
  const state = replay.state ?? held ?? latest
  const root = useRef<HTMLDivElement>(null)
  const details = useRef<HTMLElement>(null)
  const searchField = useRef<HTMLInputElement>(null)
  const wide = useMedia(WIDE)
  const [tab, setTab] = useQuery('tab')
  const [picked, setPicked] = useQuery('span')
  const [sheet, setSheet] = useState(false)
  const [following, setFollowing] = useState(true)
  const steps = useSteps(state, picked)
  // Of the run as it is: it is over also while it is gone through again.
  const over = isOver(latest.run.status)
  const openedAt = useRef(Date.now())
  const pace = replay.playing ? 'live' : paceOf(latest, openedAt.current)
  const selectedId = picked === '' ? autoSelected(state) : picked
  const selected = state.spans.get(selectedId ?? '')
  const incomplete = gapsOf(state).length > 0
  const zoom = useZoom(state, selected)

  useRunClock(root, {
    state,
    held: held !== undefined,
    replayAt: replay.state === undefined ? undefined : replay.at,
  })
  useRunNews(latest)

  const trace = jaegerUrl(
    selected?.traceId ?? state.run.traceId,
    picked === '' ? state.run.rootSpanId : selectedId,
  )
  const togglePause = (): void => {
    if (!over) setHeld(held === undefined ? latest : undefined)
  }
  const toError = (by: 1 | -1): void => {
    const spanId = steps.toError(by)
    if (spanId !== undefined) setPicked(spanId)
    setTab('')
  }
  const openTrace = (): void => {
    if (trace !== undefined) open(trace, '_blank', 'noopener,noreferrer')
  }
  const backToStep = (): void => {
    if (picked !== '') steps.show(picked)
  }
  useShortcuts([
    ['/', () => searchField.current?.focus()],
    ['?', onHelp],
    ['f', () => setFollowing(!following)],
    [' ', togglePause],
    ['e', steps.expandAll],
    ['w', steps.collapseAll],
    ['n', () => toError(1)],
    ['N', () => toError(-1)],
    ['j', openTrace],
    ['Escape', backToStep],
  ])

  const empty = latest.spans.size === 0 && latest.log.length === 0
  const body = empty ? (
    <RunMessage randomId={randomId} connection={latest.connection} onRetry={retry} />
  ) : (
    <>
      <RunHeader state={state} jaegerUrl={trace} incomplete={incomplete} />
      <Banners
        state={state}
        errorAt={steps.errorAt}
        onError={toError}
        onGap={() => {
          setTab('')
          steps.showGap(gapsOf(state)[0])
        }}
      />
      {!wide && <PaneTabs tab={tab} onTab={setTab} />}
      {(wide || tab === '') && (
        <StepsPane
          state={state}
          steps={steps}
          zoom={zoom}
          pace={pace}
          selectedId={selectedId}
          following={following}
          searchField={searchField}
          replay={over && latest.log.length > 1 ? replay : undefined}
          onFollow={setFollowing}
          onSelect={setPicked}
          onOpen={(by) => {
            if (!wide) setSheet(true)
            else if (by === 'key') details.current?.focus()
          }}
        />
      )}
      {wide && (
        <aside ref={details} className="details" aria-label="Details" tabIndex={-1}>
          {selected === undefined ? (
            <p className="muted">Choose a step to see what went in and what came out.</p>
          ) : (
            <Details state={state} span={selected} />
          )}
        </aside>
      )}
      {!wide && tab === 'text' && <TextPane state={state} spanId={picked} />}
      {!wide && tab === 'info' && (
        <section className="details" aria-label="Info">
          <RunInfo state={state} jaegerUrl={trace} />
        </section>
      )}
      {(wide || tab === 'events') && (
        <LogPane
          state={state}
          pace={pace}
          foldable={wide}
          onSelect={(spanId) => {
            if (!state.spans.get(spanId)) return
            setPicked(spanId)
            if (wide) steps.show(spanId)
            else setSheet(true)
          }}
        />
      )}
      {sheet && !wide && selected !== undefined && (
        <Dialog title="Details" className="sheet details" onClose={() => setSheet(false)}>
          <Details state={state} span={selected} />
        </Dialog>
      )}
    </>
  )

  return (
    <div
      ref={root}
      className={`run${empty ? ' is-empty' : ''}${frozen(state, held) ? ' frozen' : ''}`}
    >
      <RunTop
        latest={latest}
        held={held}
        empty={empty}
        onHelp={onHelp}
        onPause={() => {
          togglePause()
          announce(held === undefined ? 'Paused' : 'Going on')
        }}
      />
      <main className="run-main">{body}</main>
    </div>
  )
}

function paceOf({ run, skewMs }: RunState, openedAt: number): Pace {
  if (!isOver(run.status)) return run.status === 'unknown' ? 'still' : 'live'
  return (run.endedAt ?? 0) < openedAt + skewMs ? 'past' : 'still'
}

/** Whether what is seen may be older than it looks. */
function frozen({ run, connection }: RunState, held: RunState | undefined): boolean {
  if (held !== undefined || isOver(run.status)) return false
  return connection.state === 'reconnecting' || connection.state === 'failed'
}
