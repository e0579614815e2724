import { isOver, type RunState } from '@spancast/sdk/client'
import { useRun } from '@spancast/sdk/react'
import { type ReactElement, useRef, useState } from 'react'
import { announce } from '../shell/announcer.tsx'
import { useClient } from '../shell/bridge.ts'
import { ConnectionChip, isOffline } from '../shell/connection-chip.tsx'
import { Dialog } from '../shell/dialog.tsx'
import { Icon } from '../shell/icon.tsx'
import { jaegerUrl } from '../shell/jaeger.ts'
import { useMedia, WIDE } from '../shell/media.ts'
import { useQuery } from '../shell/query.ts'
import { follow, RUNS_HREF } from '../shell/route.ts'
import { useShortcuts } from '../shell/shortcuts.ts'
import { TopBar } from '../shell/top-bar.tsx'
import { label } from '../text/visible.ts'
import { Banners } from './banners.tsx'
import { Details } from './details.tsx'
import { EventLog } from './event-log.tsx'
import { gapsOf } from './missing.ts'
import { ReplayBar } from './replay-bar.tsx'
import { RunHeader } from './run-header.tsx'
import { RunInfo } from './run-info.tsx'
import { RunMessage } from './run-message.tsx'
import { useRunNews } from './run-news.ts'
import { autoSelected, latestText } from './selection.ts'
import { statusOf } from './step.ts'
import { StreamedText } from './streamed-text.tsx'
import { Tools } from './tools.tsx'
import { useReplay } from './use-replay.ts'
import { useRunClock } from './use-run-clock.ts'
import { useSteps } from './use-steps.ts'
import { useZoom } from './use-zoom.ts'
import { Waterfall } from './waterfall.tsx'

const TABS = [
  ['', 'Timeline'],
  ['text', 'Text'],
  ['events', 'Events'],
  ['info', 'Info'],
] as const

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
  const [logOpen, setLogOpen] = useState(true)
  const steps = useSteps(state, picked)
  // Of the run as it is: it is over also while it is gone through again.
  const over = isOver(latest.run.status)
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
        onGap={() => steps.showGap(gapsOf(state)[0])}
      />
      {!wide && (
        <div className="tabs" role="group" aria-label="What is shown">
          <span className="choices">
            {TABS.map(([name, word]) => (
              <button
                key={name}
                type="button"
                aria-pressed={tab === name}
                onClick={() => setTab(name)}
              >
                {word}
              </button>
            ))}
          </span>
        </div>
      )}
      {(wide || tab === '') && (
        <section className="steps" aria-label="Steps">
          <Tools
            filter={steps.filter}
            searchField={searchField}
            found={steps.found}
            zoomed={zoom.view !== undefined}
            following={following}
            live={!over || replay.playing}
            onFilter={steps.setFilter}
            onZoom={zoom.by}
            onPan={zoom.pan}
            onFit={zoom.fit}
            onFollow={setFollowing}
            onCollapse={steps.collapseAll}
            onExpand={steps.expandAll}
          />
          <Waterfall
            state={state}
            rows={steps.rows}
            selectedId={selectedId}
            target={steps.target}
            view={zoom.view}
            live={!over || replay.playing}
            follow={following}
            onFollow={setFollowing}
            onSelect={setPicked}
            onOpen={(by) => {
              if (!wide) setSheet(true)
              else if (by === 'key') details.current?.focus()
            }}
            onToggle={steps.toggle}
          />
          {over && latest.log.length > 1 && <ReplayBar replay={replay} />}
        </section>
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
        <section className={logOpen || !wide ? 'events' : 'events shut'} aria-label="Events">
          {wide && (
            <button
              type="button"
              className="button plain small"
              aria-expanded={logOpen}
              onClick={() => setLogOpen(!logOpen)}
            >
              <Icon name={logOpen ? 'open' : 'shut'} />
              Events <span className="number">{state.log.at(-1)?.seq ?? 0}</span>
            </button>
          )}
          {(logOpen || !wide) && (
            <EventLog
              state={state}
              live={!over || replay.playing}
              onSelect={(spanId) => {
                if (!state.spans.get(spanId)) return
                setPicked(spanId)
                if (wide) steps.show(spanId)
                else setSheet(true)
              }}
            />
          )}
        </section>
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
      <TopBar
        onHelp={onHelp}
        crumb={
          <>
            <a href={RUNS_HREF} onClick={follow}>
              Runs
            </a>
            <span aria-hidden="true">/</span>
            <span className="crumb-name">
              {state.run.name === '' ? randomId.slice(0, 8) : label(state.run.name)}
            </span>
          </>
        }
      >
        <ConnectionChip
          connection={latest.connection}
          held={held === undefined ? undefined : heldBack(held, latest)}
          onRetry={empty && isOffline(latest.connection) ? undefined : retry}
        />
        {!over && !empty && (
          <button
            type="button"
            className="button small"
            aria-pressed={held !== undefined}
            onClick={() => {
              togglePause()
              announce(held === undefined ? 'Paused' : 'Going on')
            }}
          >
            <Icon name={held === undefined ? 'pause' : 'play'} />
            <span className="word">{held === undefined ? 'Pause' : 'Resume'}</span>
          </button>
        )}
      </TopBar>
      <main className="run-main">{body}</main>
    </div>
  )
}

/** The text that streams now, or that of the step that was chosen. */
function TextPane({
  state,
  spanId,
}: {
  readonly state: RunState
  readonly spanId: string
}): ReactElement {
  const span = state.spans.get(spanId)?.text ? state.spans.get(spanId) : latestText(state)
  return (
    <section className="details text-pane" aria-label="Text">
      {span === undefined ? (
        <p className="muted">No step has streamed text.</p>
      ) : (
        <StreamedText
          title={label(span.name) || 'Text'}
          text={span.text}
          live={statusOf(span, state) === 'running'}
        />
      )}
    </section>
  )
}

function heldBack(held: RunState, latest: RunState): number {
  return Math.max(0, latest.log.lastKey - held.log.lastKey)
}

/** Whether what is seen may be older than it looks. */
function frozen({ run, connection }: RunState, held: RunState | undefined): boolean {
  if (held !== undefined || isOver(run.status)) return false
  return connection.state === 'reconnecting' || connection.state === 'failed'
}
