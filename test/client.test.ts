import { createBridge } from '@spancast/bridge'
import {
  emitChunk,
  emitProgress,
  ObserverRegistry,
  observe,
  observeRun,
  recordUsage,
} from '@spancast/sdk'
import {
  AuthError,
  type Client,
  type ClientOptions,
  createClient,
  HttpError,
  initialState,
  RunExpiredError,
  RunNotFoundError,
  type RunState,
  type RunStore,
  reduce,
  UnreachableError,
  watchRun,
  watchRuns,
} from '@spancast/sdk/client'
import { afterEach, beforeAll, describe, expect, test } from 'vitest'
import { HeldWorkflow } from '../bridge/src/testing/held-workflow.ts'
import { observing } from '../bridge/src/testing/observing.ts'
import { OpenBridges } from '../bridge/src/testing/open-bridges.ts'

const bridges = new OpenBridges()
beforeAll(observing)
afterEach(() => bridges.closeAll())

const look = observe(async (query: string) => query.length, { name: 'look', kind: 'tool' })
const think = observe(
  async (text: string) => {
    for (const word of text.split(' ')) emitChunk(`${word} `)
    recordUsage({ inputTokens: 3, outputTokens: 2 })
    return text
  },
  { name: 'm-1', kind: 'llm' },
)
const research = observe(
  async (question: unknown) => {
    emitProgress({ status: 'looking' })
    await look(String(question))
    return think('it depends')
  },
  { name: 'research' },
)

async function open(options: ClientOptions & { token?: string } = {}) {
  const held = new HeldWorkflow()
  const { token } = options
  const { url, bridge } = await bridges.open({
    workflows: {
      research: { description: 'Looks it up', run: (input) => research(input) },
      held: held.run,
      fail: async () => {
        throw new TypeError('no such thing')
      },
    },
    ...(token !== undefined && { token }),
  })
  return { held, url, bridge, client: createClient({ baseUrl: url, ...options }) }
}

test('a run is invoked, followed to its end, and told in all ways alike', async () => {
  const { client } = await open()
  expect(await client.workflows()).toContainEqual({ name: 'research', description: 'Looks it up' })

  const { randomId } = await client.invoke('research', 'why?')
  const events = await collect(client.events(randomId))
  const end = await client.waitForEnd(randomId)

  expect(events.map(({ type }) => type)).toEqual([
    'run.start',
    'agent.start',
    'agent.event',
    'agent.tool.start',
    'agent.tool.end',
    'agent.llm.start',
    'agent.chunk',
    'agent.chunk',
    'agent.llm.end',
    'agent.end',
    'run.end',
  ])
  expect(events.at(-1)).toEqual(end)
  expect(await collect(client.export(randomId))).toEqual(events)
  const summary = await client.getRun(randomId)
  expect(summary).toMatchObject({ status: 'ok', lastSeq: events.length })
  expect((await client.listRuns({ status: 'ok', limit: 1 })).runs).toEqual([summary])

  const state = await settled(client, randomId)
  expect(state.usage).toMatchObject({ tokenUsage: end.tokenUsage, calls: 1, unpricedCalls: 1 })
  expect([...state.spans].map(({ kind, name }) => [kind, name])).toContainEqual(['llm', 'm-1'])
  const replayed = events.reduce((s, e) => reduce(s, e), initialState(randomId))
  expect([...state.log]).toEqual([...replayed.log])
  expect(state.run).toEqual(replayed.run)
})

test('the list of runs follows them', async () => {
  const { client, held } = await open()
  const store = watchRuns(client)
  const statuses: string[] = []
  const { randomId } = await client.invoke('held')

  await new Promise<void>((resolve) => {
    const stop = store.subscribe(() => {
      const mine = store.getSnapshot().runs.find((run) => run.randomId === randomId)
      if (mine === undefined || statuses.at(-1) === mine.status) return
      statuses.push(mine.status)
      held.release()
      if (mine.status !== 'ok') return
      stop()
      resolve()
    })
  })

  expect(statuses).toEqual(['running', 'ok'])
  for await (const run of client.runs()) if (run.randomId === randomId) break
})

test('a run that was invoked can be cancelled, others cannot', async () => {
  const { client } = await open()
  const { randomId } = await client.invoke('held')
  await client.cancel(randomId)

  expect(await client.waitForEnd(randomId)).toMatchObject({ status: 'cancelled' })
  await expect(client.cancel(randomId)).rejects.toMatchObject({ code: 'not-cancellable' })
})

test('a bridge that comes back on its port is found again, and the run is whole', async () => {
  const { bridge, url, port } = await bridges.open()
  const store = watchRun(
    createClient({ baseUrl: url, retry: { baseMs: 10, capMs: 50 } }),
    'run-held',
  )
  let release: (() => void) | undefined
  const run = observeRun({ randomId: 'run-held' }, async () => {
    emitProgress('begun')
    await new Promise<void>((resolve) => {
      release = resolve
    })
    emitProgress('going on')
  })
  await until(store, ({ log }) => log.length > 1)
  await bridge.close()
  await until(store, ({ connection }) => connection.state === 'reconnecting')
  release?.()
  await run
  const again = createBridge()
  await again.listen(port)
  await until(store, ({ connection }) => connection.state === 'closed')
  await again.close()

  const { log, run: facts, gaps, restarts } = store.getSnapshot()
  expect([...log].map(({ seq }) => seq)).toEqual([1, 2, 3, 4])
  expect([facts.status, gaps, restarts]).toEqual(['ok', [], 0])
})

describe('what goes wrong has a name', () => {
  test('of the run', async () => {
    const { client } = await open()
    const { randomId } = await client.invoke('fail')

    const { status, error } = await client.waitForEnd(randomId)
    expect([status, error?.message]).toEqual(['error', 'no such thing'])
    expect((await settled(client, randomId)).firstError).toMatchObject({
      error: { type: 'TypeError' },
    })
  })

  test('of the bridge', async () => {
    const { client, url } = await open()
    await expect(client.getRun('no-such-run')).rejects.toBeInstanceOf(RunNotFoundError)
    await expect(client.events('no-such-run', { wait: 0 }).next()).rejects.toBeInstanceOf(
      RunNotFoundError,
    )
    await expect(client.invoke('nothing')).rejects.toMatchObject({ code: 'workflow-not-found' })
    await expect(client.events('x y').next()).rejects.toBeInstanceOf(HttpError)
    const { randomId } = await client.invoke('research', '')
    await client.waitForEnd(randomId)
    ObserverRegistry.getInstance().dispose(randomId)
    await expect(client.getRun(randomId)).rejects.toBeInstanceOf(RunExpiredError)
    await bridges.closeAll()
    await expect(createClient({ baseUrl: url }).listRuns()).rejects.toBeInstanceOf(UnreachableError)
  })

  test('of the one who asks', async () => {
    const { client, url } = await open({ token: 'a-long-enough-token' })
    const { randomId } = await client.invoke('research', 'why?')
    await expect(createClient({ baseUrl: url }).listRuns()).rejects.toBeInstanceOf(AuthError)
    await expect(createClient({ baseUrl: url }).events(randomId).next()).rejects.toMatchObject({
      code: 'unauthorized',
    })

    const { token } = await client.streamToken(randomId)
    const reader = createClient({ baseUrl: url, token })
    expect((await reader.events(randomId).next()).value).toMatchObject({ type: 'run.start' })
    await expect(reader.listRuns()).rejects.toBeInstanceOf(AuthError)
    const asked = createClient({
      baseUrl: url,
      headers: async () => ({ authorization: `Bearer ${token}` }),
    })
    expect(await asked.waitForEnd(randomId)).toMatchObject({ status: 'ok' })
  })

  test.each(['', 'localhost:4319', 'ftp://x', '/bridge'])(
    'of the address: %j leads nowhere outside of a page',
    (baseUrl) => {
      expect(() => createClient({ baseUrl })).toThrow('Expected `baseUrl`')
    },
  )
})

/** The state of a run once its stream is over. */
async function settled(client: Client, randomId: string): Promise<RunState> {
  const store = watchRun(client, randomId)
  await until(store, ({ connection }) => connection.state === 'closed')
  return store.getSnapshot()
}

/** Keeps a connection to the run until its state is like that. */
async function until(store: RunStore, isSo: (state: RunState) => boolean): Promise<void> {
  await new Promise<void>((resolve) => {
    const stop = store.subscribe(look)
    function look(): void {
      if (!isSo(store.getSnapshot())) return
      stop()
      resolve()
    }
    look()
  })
}

async function collect<T>(values: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = []
  for await (const value of values) all.push(value)
  return all
}
