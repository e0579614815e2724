import { type ReactElement, useState } from 'react'
import { RunPage } from './run/run-page.tsx'
import { RunsPage } from './runs/runs-page.tsx'
import { Announcer } from './shell/announcer.tsx'
import { Help } from './shell/help.tsx'
import { Message } from './shell/message.tsx'
import { follow, RUNS_HREF, routeOf, usePath } from './shell/route.ts'
import { TopBar } from './shell/top-bar.tsx'

/** The page: all runs, or one. */
export function App(): ReactElement {
  const route = routeOf(usePath())
  const [help, setHelp] = useState(false)
  const onHelp = (): void => setHelp(true)
  return (
    <>
      {route.page === 'runs' && <RunsPage onHelp={onHelp} />}
      {route.page === 'run' && (
        <RunPage key={route.randomId} randomId={route.randomId} onHelp={onHelp} />
      )}
      {route.page === 'unknown' && (
        <>
          <TopBar onHelp={onHelp} />
          <main>
            <Message title="No such page">
              <p>A run's id is 8 to 128 letters, digits, hyphens and underscores.</p>
              <a className="button" href={RUNS_HREF} onClick={follow}>
                All runs
              </a>
            </Message>
          </main>
        </>
      )}
      {help && <Help onClose={() => setHelp(false)} />}
      <Announcer />
    </>
  )
}
