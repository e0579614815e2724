import { createElement, StrictMode } from 'react'
import { createRoot } from 'react-dom/client'
import { renderToString } from 'react-dom/server'
import { expect, test, vi } from 'vitest'
import { RunView } from '../../../examples/snippets/run-view.tsx'
import { type Client, createClient } from '../client/create-client.ts'
import { ScriptedBridge } from '../client/testing/scripted-bridge.ts'
import { script } from '../client/testing/scripted-run.ts'
import { SpancastProvider } from './client-context.ts'
import { container } from './testing/dom.ts'
import { testHooks } from './testing/hook-tests.ts'
import { useRun } from './use-run.ts'
import { useRuns } from './use-runs.ts'

testHooks('React', { createElement, StrictMode, createRoot })

function Page({ client }: { readonly client: Client }): string {
  const { run, connection } = useRun('run-0001', { client })
  // No client of its own is made for it: a server has no origin.
  const other = useRun('run-0002')
  return `${run.status} ${connection.state} ${useRuns({ client }).runs.length} ${other.run.randomId}`
}

test('rendered to text on a server, nothing is asked for', async () => {
  const bridge = await ScriptedBridge.open()
  const client = createClient({ baseUrl: bridge.url })
  expect(renderToString(createElement(Page, { client }))).toBe('unknown idle 0 run-0002')
  expect(bridge.count).toBe(0)
  await bridge.close()
})

test('the component of the README shows a run', async () => {
  const bridge = await ScriptedBridge.open()
  const client = createClient({ baseUrl: bridge.url })
  const place = container()
  const root = createRoot(place)
  const view = createElement(RunView, { randomId: 'run-0001' })
  root.render(createElement(SpancastProvider, { client }, view))
  const [start] = script({ type: 'run.start', spanId: 'r', name: 'job' })
  if (start !== undefined) (await bridge.next()).stream(start)

  await vi.waitFor(() => expect(place.textContent).toBe('job runningworkflow job running0 tokens'))
  root.unmount()
  await bridge.close()
})
