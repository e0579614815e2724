import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import type { AgentEvent } from '../../event/agent-event.ts'
import { type Client, createClient } from '../create-client.ts'
import { RunNotFoundError } from '../errors.ts'
import { ScriptedBridge } from '../testing/scripted-bridge.ts'
import { script } from '../testing/scripted-run.ts'
import { type RunStore, watchRun } from './watch-run.ts'

const [first, second, third] = script(
  { type: 'run.start', spanId: 'r', name: 'run' },
  { type: 'agent.start', spanId: 'r', nodeName: 'run', nodeKind: 'agent' },
  { type: 'agent.event', spanId: 'r', name: 'progress', content: 1 },
) as [AgentEvent, AgentEvent, AgentEvent]

let bridge: ScriptedBridge
let client: Client

beforeEach(async () => {
  bridge = await ScriptedBridge.open()
  client = createClient({ baseUrl: bridge.url })
})

afterEach(async () => {
  vi.unstubAllGlobals()
  await bridge.close()
})

/** Resolves once the store's state is like that. */
function until(store: RunStore, isSo: (state: ReturnType<RunStore['getSnapshot']>) => boolean) {
  return new Promise<void>((resolve) => {
    const stop = store.subscribe(look)
    function look(): void {
      if (!isSo(store.getSnapshot())) return
      stop()
      resolve()
    }
    look()
  })
}

test('nothing is asked for before somebody listens', async () => {
  const store = watchRun(client, 'run-1')

  expect(store.getSnapshot()).toMatchObject({
    connection: { state: 'idle' },
    lastEventId: undefined,
  })
  expect(bridge.count).toBe(0)
})

test('a run is kept up to date to its end', async () => {
  const store = watchRun(client, 'run-1')
  const closed = until(store, ({ connection }) => connection.state === 'closed')
  const exchange = await bridge.next()
  exchange.stream(first, second)
  exchange.res.write(': ping 1000 900\n\n')
  exchange.send(third).end('completed')
  await closed

  const state = store.getSnapshot()
  expect([...state.log]).toEqual([first, second, third])
  expect([state.lastEventId, state.skewMs < 0]).toEqual(['ep.3', true])
  expect(bridge.count).toBe(1)
})

test('what comes together is one change, and a state that nothing changes stays the same', async () => {
  const store = watchRun(client, 'run-1')
  const states = new Set([store.getSnapshot()])
  const stop = store.subscribe(() => states.add(store.getSnapshot()))
  const exchange = await bridge.next()
  exchange.stream(first, second, third)
  await until(store, ({ log }) => log.length === 3)
  const before = store.getSnapshot()
  exchange.send(third).res.write('id: ep.3\n\n')
  exchange.res.write('retry: 5\n\n: nothing\n\n')
  exchange.res.end()
  await until(store, ({ connection }) => connection.state === 'reconnecting')

  expect(store.getSnapshot().log).toBe(before.log)
  // Idle, connecting, open, the events, reconnecting.
  expect(states.size).toBe(5)
  stop()
})

test('all who watch a run share one connection, which survives a change of watchers', async () => {
  const store = watchRun(client, 'run-1')
  expect(watchRun(client, 'run-1')).toBe(store)

  // As a component does that is mounted, taken down and mounted again.
  store.subscribe(() => {})()
  const stop = store.subscribe(() => {})
  const other = store.subscribe(() => {})
  const exchange = await bridge.next()
  exchange.stream(first)
  stop()
  stop()
  await until(store, ({ log }) => log.length === 1)
  other()
  await exchange.closed

  expect([bridge.count, store.getSnapshot().connection.state]).toEqual([1, 'idle'])
})

test('who comes back to a store goes on where it was', async () => {
  const store = watchRun(client, 'run-1')
  const stop = store.subscribe(() => {})
  const one = await bridge.next()
  one.stream(first)
  await until(store, ({ log }) => log.length === 1)
  stop()
  await one.closed

  const whole = until(store, ({ log }) => log.length === 2)
  const two = await bridge.next()
  expect(two.req.url).toBe('/api/agents/run-1/stream?since=ep.1')
  two.stream(second)
  await whole
})

describe('a store that has failed or was closed', () => {
  test('stays so until it is told to try again', async () => {
    const store = watchRun(client, 'run-1')
    const failed = until(store, ({ connection }) => connection.state === 'failed')
    const stop = store.subscribe(() => {})
    ;(await bridge.next()).refuse(404, 'run-not-found')
    await failed

    expect(store.getSnapshot().connection).toMatchObject({ error: expect.any(RunNotFoundError) })
    store.retry()
    const two = await bridge.next()
    two.stream(first)
    await until(store, ({ log }) => log.length === 1)
    store.close()
    await two.closed
    expect(store.getSnapshot().connection).toEqual({ state: 'closed' })
    stop()
  })

  test('does not wait when it is told to try again', async () => {
    const patient = createClient({ baseUrl: bridge.url, retry: { baseMs: 1e9, capMs: 1e9 } })
    const store = watchRun(patient, 'run-1')
    const stop = store.subscribe(() => {})
    ;(await bridge.next()).refuse(503, 'closing')
    await until(store, ({ connection }) => connection.state === 'reconnecting')
    store.retry()

    ;(await bridge.next()).stream(first)
    await until(store, ({ log }) => log.length === 1)
    stop()
  })
})

test('a listener that throws keeps nobody else from hearing', async () => {
  const thrown: unknown[] = []
  vi.stubGlobal('queueMicrotask', (fn: () => void) => {
    Promise.resolve()
      .then(fn)
      .catch((error: unknown) => thrown.push(error))
  })
  const store = watchRun(client, 'run-1')
  const broken = new Error('a listener broke')
  const stop = store.subscribe(() => {
    throw broken
  })
  const heard = until(store, ({ log }) => log.length === 2)
  ;(await bridge.next()).stream(first).send(second)

  await heard
  stop()
  expect(thrown).toContain(broken)
})
