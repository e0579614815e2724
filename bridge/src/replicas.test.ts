import { ObserverRegistry } from '@spancast/sdk'
import { EventSource } from 'eventsource'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest'
import { redisStore } from './store/redis/redis-store.ts'
import { RedisServer, redisMissing } from './store/testing/redis-server.ts'
import { HeldWorkflow } from './testing/held-workflow.ts'
import { observing } from './testing/observing.ts'
import { type OpenBridge, OpenBridges } from './testing/open-bridges.ts'
import { get, invoke, post } from './testing/post.ts'

if (redisMissing !== undefined) process.stderr.write(`${redisMissing}\n`)

const WAIT = { timeout: 15_000, interval: 5 }

describe.skipIf(redisMissing !== undefined)('two bridges on one Redis', () => {
  let server: RedisServer
  let prefixes = 0
  let bridges: OpenBridges
  let held: HeldWorkflow
  let a: OpenBridge
  let b: OpenBridge
  const ends: (() => Promise<void> | void)[] = []

  beforeAll(async () => {
    observing()
    server = await RedisServer.open({ persistent: true })
  })
  afterAll(() => server.close())
  beforeEach(async () => {
    bridges = new OpenBridges()
    held = new HeldWorkflow()
    const keyPrefix = `replicas${prefixes++}`
    const [one, other] = [0, 1].map(() => redisStore({ url: server.url, keyPrefix }))
    if (one === undefined || other === undefined) throw new Error('no stores')
    await Promise.all([one.opened(), other.opened()])
    // The runs of this process are those of the first bridge alone.
    other.record(new ObserverRegistry())
    const workflows = { held: held.run, quick: () => 'done' }
    a = await bridges.open({ store: one, workflows })
    b = await bridges.open({ store: other, workflows })
    ends.push(
      () => one.close(),
      () => other.close(),
    )
  })
  afterEach(async () => {
    held.release()
    await bridges.closeAll()
    for (const end of ends.splice(0)) await end()
  })

  interface Seen {
    readonly ids: string[]
    readonly types: string[]
    readonly source: EventSource
  }

  function watch(url: string, randomId: string): Seen {
    const source = new EventSource(`${url}/api/agents/${randomId}/stream`)
    ends.push(() => source.close())
    const seen: Seen = { ids: [], types: [], source }
    source.onmessage = ({ lastEventId, data }) => {
      seen.ids.push(lastEventId)
      seen.types.push((JSON.parse(data) as { type: string }).type)
    }
    return seen
  }

  test('what is invoked at one is watched, listed and summed up at the other, with the same ids', async () => {
    const randomId = 'invoked-at-a'
    const there = watch(b.url, randomId)
    const here = watch(a.url, randomId)
    const answer = invoke(a.url, { workflow: 'held', input: 1, randomId })
    await vi.waitFor(() => expect(there.types).toContain('run.start'), WAIT)
    held.release()

    expect((await answer).status).toBe(200)
    await vi.waitFor(() => expect(there.types.at(-1)).toBe('stream.end'), WAIT)
    await vi.waitFor(() => expect(here.types.at(-1)).toBe('stream.end'), WAIT)
    expect(there.types).toEqual(['run.start', 'run.end', 'stream.end'])
    expect(there.ids).toEqual(here.ids)
    const summary = await get(`${b.url}/api/agents/${randomId}`)
    expect(summary.body).toMatchObject({ randomId, status: 'ok', lastSeq: 2 })
    const list = await get(`${b.url}/api/agents`)
    expect(list.body).toMatchObject({ runs: [{ randomId, status: 'ok' }], next: null })
    const events = await get(`${b.url}/api/agents/${randomId}/events`)
    expect(events.body).toMatchObject({ ended: true, lastSeq: 2, gaps: [] })
  })

  test('what is invoked at one is cancelled at the other', async () => {
    const randomId = 'cancelled-from-b'
    const answer = invoke(a.url, { workflow: 'held', input: 1, randomId })
    await vi.waitFor(() => expect(held.started).toBe(1), WAIT)

    const cancelled = await post(`${b.url}/api/agents/${randomId}/cancel`)

    expect(cancelled.status).toBe(202)
    expect((await answer).status).toBe(500)
    expect(held.cancelled).toBe(1)
    await vi.waitFor(async () => {
      expect((await post(`${b.url}/api/agents/${randomId}/cancel`)).status).toBe(409)
    }, WAIT)
  })

  test('an id is taken at both', async () => {
    const randomId = 'taken-at-both'
    const answer = invoke(a.url, { workflow: 'held', input: 1, randomId })
    await vi.waitFor(() => expect(held.started).toBe(1), WAIT)

    expect((await invoke(b.url, { workflow: 'quick', input: 1, randomId })).status).toBe(409)
    held.release()
    expect((await answer).status).toBe(200)
    expect((await invoke(b.url, { workflow: 'quick', input: 1, randomId })).status).toBe(409)
  })

  test('while the store is away, readers stay and are told, and go on without a loss', async () => {
    const randomId = 'store-goes-away'
    const answer = invoke(a.url, { workflow: 'held', input: 1, randomId })
    await vi.waitFor(async () => {
      expect((await get(`${b.url}/api/agents/${randomId}`)).status).toBe(200)
    }, WAIT)
    const response = await fetch(`${b.url}/api/agents/${randomId}/stream`)
    const reader = response.body?.getReader()
    let text = ''
    const reading = (async () => {
      for (;;) {
        const part = await reader?.read()
        if (part?.value !== undefined) text += Buffer.from(part.value).toString()
        if (part?.done !== false) return
      }
    })()

    await server.kill()
    await vi.waitFor(() => expect(text).toContain(': store away'), WAIT)
    expect((await get(`${b.url}/readyz`)).status).toBe(503)
    const refused = await get(`${b.url}/api/agents/${randomId}`)
    expect(refused).toMatchObject({ status: 503, body: { code: 'store-away' } })
    expect(refused.headers.get('retry-after')).toBe('1')
    held.release()
    expect((await answer).status).toBe(200)
    await server.start()

    await reading
    expect(text.match(/^id: .*$/gm)?.map((id) => id.split('.')[1])).toEqual(['1', '2'])
    expect(text).toContain('"type":"stream.end","reason":"completed"')
    await vi.waitFor(async () => {
      expect((await get(`${b.url}/readyz`)).status).toBe(200)
    }, WAIT)
  })
})
