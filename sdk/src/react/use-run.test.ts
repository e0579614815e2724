import './testing/dom.ts'
import { createElement, StrictMode } from 'react'
import { createRoot } from 'react-dom/client'
import { renderToString } from 'react-dom/server'
import { expect, test } from 'vitest'
import { type Client, createClient } from '../client/create-client.ts'
import { ScriptedBridge } from '../client/testing/scripted-bridge.ts'
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
