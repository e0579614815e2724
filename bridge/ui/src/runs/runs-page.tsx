import type { Connection } from '@spancast/sdk/client'
import { useRuns } from '@spancast/sdk/react'
import { type ReactElement, useEffect, useRef, useState } from 'react'
import { useClient, useWorkflows } from '../shell/bridge.ts'
import { ConnectionChip, isOffline } from '../shell/connection-chip.tsx'
import { Offline } from '../shell/message.tsx'
import { PauseButton } from '../shell/pause-button.tsx'
import { useQuery } from '../shell/query.ts'
import { useShortcuts } from '../shell/shortcuts.ts'
import { TokenForm } from '../shell/token-form.tsx'
import { TopBar } from '../shell/top-bar.tsx'
import { count } from '../text/format.ts'
import { AskForm } from './ask-form.tsx'
import { Onboarding } from './onboarding.tsx'
import { Percentiles } from './percentiles.tsx'
import { RUN_FILTERS, type RunFilter, runsFor } from './run-filter.ts'
import { RunRows } from './run-rows.tsx'

const PAGE = 100

/** All runs, newest first. */
export function RunsPage({ onHelp }: { onHelp(): void }): ReactElement {
  const { runs: latest, connection, retry } = useRuns({ client: useClient() })
  const workflows = useWorkflows()
  const [filter, setFilter] = useQuery('show', 'all')
  const [search, setSearch] = useQuery('q')
  const [shown, setShown] = useState(PAGE)
  const [held, setHeld] = useState<typeof latest>()
  const searchField = useRef<HTMLInputElement>(null)
  const heading = useRef<HTMLHeadingElement>(null)
  useEffect(() => {
    document.title = 'Runs · Spancast'
    heading.current?.focus({ preventScroll: true })
  }, [])
  useShortcuts([
    ['/', () => searchField.current?.focus()],
    ['?', onHelp],
    [' ', () => setHeld(held === undefined ? latest : undefined)],
  ])
  const runs = held ?? latest
  const chosen = runsFor(runs, toFilter(filter), search)
  const empty = latest.length === 0
  return (
    <div className="runs">
      <TopBar onHelp={onHelp}>
        <ConnectionChip
          connection={connection}
          held={held === undefined ? undefined : Math.max(0, latest.length - held.length)}
          onRetry={empty && isOffline(connection) ? undefined : retry}
        />
        {!empty && (
          <PauseButton
            paused={held !== undefined}
            onPause={() => setHeld(held === undefined ? latest : undefined)}
          />
        )}
      </TopBar>
      <main className="runs-main">
        {empty && isOffline(connection) ? (
          <NoList connection={connection} onRetry={retry} />
        ) : (
          <>
            <header className="runs-header">
              <h1 ref={heading} tabIndex={-1}>
                Runs
              </h1>
              {!empty && (
                <>
                  <span className="choices" role="group" aria-label="Show">
                    {RUN_FILTERS.map(({ name, word }) => (
                      <button
                        key={name}
                        type="button"
                        aria-pressed={filter === name}
                        onClick={() => setFilter(name)}
                      >
                        {word}{' '}
                        <span className="number muted">
                          {count(runsFor(runs, name, '').length)}
                        </span>
                      </button>
                    ))}
                  </span>
                  <input
                    ref={searchField}
                    className="field"
                    type="search"
                    placeholder="Search runs"
                    aria-label="Search runs"
                    value={search}
                    onInput={({ currentTarget }) => setSearch(currentTarget.value)}
                  />
                </>
              )}
            </header>
            {workflows.length > 0 && <AskForm workflows={workflows} />}
            {empty ? (
              connection.state === 'open' ? (
                <Onboarding />
              ) : (
                <div className="skeleton" aria-busy="true">
                  <p className="muted">Connecting …</p>
                  <i />
                  <i />
                  <i />
                </div>
              )
            ) : (
              <>
                {chosen.length === 0 ? (
                  <p className="muted nothing">No run is like that.</p>
                ) : (
                  <RunRows
                    runs={chosen.slice(0, shown)}
                    frozen={held !== undefined || connection.state !== 'open'}
                  />
                )}
                {chosen.length > shown && (
                  <button type="button" className="button" onClick={() => setShown(shown + PAGE)}>
                    Show more ({count(chosen.length - shown)})
                  </button>
                )}
                <Percentiles runs={chosen} />
              </>
            )}
          </>
        )}
      </main>
    </div>
  )
}

/** Why there is no list. */
function NoList({
  connection,
  onRetry,
}: {
  readonly connection: Connection
  onRetry(): void
}): ReactElement {
  const error = connection.state === 'failed' ? connection.error : undefined
  if (error?.name === 'AuthError') return <TokenForm error={error} />
  return <Offline error={error} onRetry={onRetry} />
}

function toFilter(name: string): RunFilter {
  return RUN_FILTERS.find((filter) => filter.name === name)?.name ?? 'all'
}
