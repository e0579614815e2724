import { createClient } from '@redis/client'
import { ObserverRegistry } from '@spancast/sdk'
import { EventSource } from 'eventsource'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest'
import { makeSpan, type SpanSpec, traceRequest } from './otlp/testing/make-spans.ts'
import { redisStore } from './store/redis/redis-store.ts'
import { RedisServer, redisMissing } from './store/testing/redis-server.ts'
import { type OpenBridge, OpenBridges } from './testing/open-bridges.ts'
import { get, post } from './testing/post.ts'

if (redisMissing !== undefined) process.stderr.write(`${redisMissing}\n`)

const WAIT = { timeout: 15_000, interval: 5 }
const RUN = 'run-of-many-parts'
const PROTOBUF = { 'Content-Type': 'application/x-protobuf' }
const AGENT = { 'gen_ai.operation.name': 'invoke_agent', 'gen_ai.agent.name': 'Planner' }
const TOOL = { 'gen_ai.operation.name': 'execute_tool', 'gen_ai.tool.name': 'search' }

describe.skipIf(redisMissing !== undefined)('spans that arrive at several bridges', () => {
  let server: RedisServer
  let bridges: OpenBridges
  let replicas: OpenBridge[]
  let keyPrefix: string
  let prefixes = 0
  const ends: (() => Promise<void> | void)[] = []

  beforeAll(async () => {
    server = await RedisServer.open({ persistent: true })
  })
  afterAll(() => server.close())
  beforeEach(async () => {
    bridges = new OpenBridges()
    keyPrefix = `spans${prefixes++}`
    replicas = []
    for (let at = 0; at < 3; at++) replicas.push(await replica())
  })
  afterEach(async () => {
    await bridges.closeAll()
    for (const end of ends.splice(0)) await end()
  })

  async function replica(): Promise<OpenBridge> {
    const store = redisStore({
      url: server.url,
      keyPrefix,
      // Longer than a busy machine holds a bridge up: what has another owner is folded again, and not told anew.
      leaseMs: 5000,
      limits: { runGraceMs: 200 },
    })
    await store.opened()
    store.record(new ObserverRegistry())
    ends.push(() => store.close())
    return bridges.open({ store })
  }

  function urlOf(at: number): string {
    const one = replicas[at % replicas.length]
    if (one === undefined) throw new Error('no replica')
    return one.url
  }

  async function send(at: number, ...specs: SpanSpec[]): Promise<number> {
    const body = new Uint8Array(traceRequest('protobuf', specs.map(makeSpan)))
    const response = await fetch(`${urlOf(at)}/v1/traces`, {
      method: 'POST',
      body,
      headers: PROTOBUF,
    })
    await response.arrayBuffer()
    return response.status
  }

  const traceId = 'c'.repeat(32)
  const id = (digit: string): string => digit.repeat(16)
  const agent = (spanId: string, spec: SpanSpec = {}): SpanSpec => ({
    traceId,
    spanId,
    name: 'invoke_agent Planner',
    attributes: { ...AGENT, 'spancast.run.id': RUN },
    ...spec,
  })
  const tool = (spanId: string, parentSpanId: string): SpanSpec => ({
    traceId,
    spanId,
    parentSpanId,
    name: 'execute_tool search',
    attributes: TOOL,
  })

  interface Told {
    readonly type: string
    readonly spanId: string
    readonly parentSpanId?: string
    readonly reason?: string
  }

  async function watch(at: number): Promise<{ ids: string[]; told: Told[]; ended: () => boolean }> {
    const source = new EventSource(`${urlOf(at)}/api/agents/${RUN}/stream`)
    ends.push(() => source.close())
    const ids: string[] = []
    const told: Told[] = []
    source.onmessage = ({ data, lastEventId }) => {
      ids.push(lastEventId)
      told.push(JSON.parse(data) as Told)
    }
    await new Promise((resolve) => {
      source.onopen = resolve
    })
    return { ids, told, ended: () => told.at(-1)?.type === 'stream.end' }
  }

  async function events(at: number): Promise<{ told: Told[]; seqs: number[]; epoch: string }> {
    const { body } = await get(`${urlOf(at)}/api/agents/${RUN}/events`)
    const told = body.events as (Told & { seq: number })[]
    return { told, seqs: told.map(({ seq }) => seq), epoch: String(body.epoch) }
  }

  test('are one run, streamed by each of them with the same ids', async () => {
    expect(await send(0, tool(id('3'), id('2')))).toBe(200)
    await vi.waitFor(async () => {
      expect((await get(`${urlOf(1)}/api/agents`)).body.runs).toHaveLength(1)
    }, WAIT)
    expect(await send(1, agent(id('2'), { parentSpanId: id('1') }))).toBe(200)
    const streams = await Promise.all([0, 1, 2].map(watch))
    expect(await send(2, { traceId, spanId: id('1'), name: 'GET /' })).toBe(200)

    await vi.waitFor(() => expect(streams.every(({ ended }) => ended())).toBe(true), WAIT)

    const [first, ...others] = streams
    expect(first?.told.map(({ type }) => type)).toEqual([
      'run.start',
      'agent.tool.start',
      'agent.tool.end',
      'agent.start',
      'agent.moved',
      'agent.end',
      'run.end',
      'stream.end',
    ])
    for (const other of others) expect(other).toMatchObject({ ids: first?.ids, told: first?.told })
    const moved = first?.told.find(({ type }) => type === 'agent.moved')
    expect(moved).toMatchObject({ spanId: id('3'), parentSpanId: id('2') })
  })

  test('each count once, though a load balancer sends them again to another bridge', async () => {
    const specs = [agent(id('2')), tool(id('3'), id('2'))]
    await Promise.all([0, 1, 2, 0, 1].map((at) => send(at, ...specs)))
    await vi.waitFor(async () => {
      expect((await get(`${urlOf(2)}/api/agents/${RUN}`)).body.status).toBe('ok')
    }, WAIT)
    expect(await send(1, ...specs)).toBe(200)

    const { told, seqs } = await events(2)

    expect(told.map(({ type }) => type)).toEqual([
      'run.start',
      'agent.start',
      'agent.tool.start',
      'agent.tool.end',
      'agent.end',
      'run.end',
    ])
    expect(seqs).toEqual([1, 2, 3, 4, 5, 6])
  })

  test('are in the metrics of the bridge that folds them, and of no other', async () => {
    const runs = Array.from({ length: 8 }, (_, at) => at)
    for (const at of runs) {
      const attributes = { ...AGENT, 'spancast.run.id': `${RUN}-${at}` }
      const traceOf = at.toString(16).padStart(32, '1')
      expect(await send(at, agent(id('2'), { traceId: traceOf, attributes }))).toBe(200)
    }

    const total = async (name: string): Promise<number> => {
      const texts = await Promise.all(
        [0, 1, 2].map(async (at) => (await fetch(`${urlOf(at)}/metrics`)).text()),
      )
      return texts
        .map((text) => Number(text.match(new RegExp(`^${name} (\\d+)$`, 'm'))?.[1]))
        .reduce((sum, value) => sum + value)
    }
    await vi.waitFor(async () => {
      expect(await total('spancast_runs{status="ok"}')).toBe(runs.length)
    }, WAIT)
    // Of each run its start and end, and those of its agent.
    expect(await total('spancast_run_events')).toBe(4 * runs.length)
    expect(await total('spancast_run_bytes')).toBeGreaterThan(1000)
  })

  test('go on where they were when whoever folded them is gone', async () => {
    expect(await send(0, agent(id('2'), { parentSpanId: id('1') }), tool(id('3'), id('2')))).toBe(
      200,
    )
    await vi.waitFor(async () => expect((await events(1)).seqs).toHaveLength(5), WAIT)
    const before = await events(1)
    const stream = await watch(0)

    // All that were there leave; the ones that come know nothing but what the store holds.
    const old = replicas
    replicas = [old[0] as OpenBridge, await replica(), await replica()]
    await Promise.all(old.slice(1).map(({ bridge }) => bridge.close()))
    await ends[1]?.()
    await ends[2]?.()
    expect(await send(1, tool(id('4'), id('2')), tool(id('3'), id('2')))).toBe(200)
    expect(await send(2, { traceId, spanId: id('1'), name: 'GET /' })).toBe(200)

    await vi.waitFor(() => expect(stream.ended()).toBe(true), WAIT)
    const after = await events(2)
    expect(after.epoch).toBe(before.epoch)
    expect(after.told.slice(0, 5)).toEqual(before.told)
    expect(after.told.map(({ type }) => type).slice(5)).toEqual([
      'agent.tool.start',
      'agent.tool.end',
      'run.end',
    ])
    expect(after.told[5]).toMatchObject({ spanId: id('4'), parentSpanId: id('2') })
    expect(stream.ids.slice(0, -1)).toEqual(after.seqs.map((seq) => `${after.epoch}.${seq}`))
  })

  test('are refused while the store is away, for a short time, and taken when it is back', async () => {
    await server.kill()
    await vi.waitFor(async () => {
      expect((await fetch(`${urlOf(0)}/readyz`)).status).toBe(503)
    }, WAIT)
    const body = traceRequest('json', [makeSpan(agent(id('2')))])
    const refused = await post(`${urlOf(0)}/v1/traces`, body)
    await server.start()

    expect(refused).toMatchObject({ status: 503, body: { code: 14 } })
    expect(refused.headers.get('retry-after')).toBe('1')
    await vi.waitFor(async () => expect(await send(0, agent(id('2')))).toBe(200), WAIT)
    await vi.waitFor(async () => {
      expect((await get(`${urlOf(1)}/api/agents/${RUN}`)).body.status).toBe('ok')
    }, WAIT)
  })

  test('are told anew, and readers told so, when the store has lost the newest', async () => {
    expect(await send(0, agent(id('2'), { parentSpanId: id('1') }), tool(id('3'), id('2')))).toBe(
      200,
    )
    await vi.waitFor(async () => expect((await events(1)).seqs).toHaveLength(5), WAIT)
    const before = await events(1)
    const stream = await watch(1)
    await vi.waitFor(() => expect(stream.told).toHaveLength(5), WAIT)
    // What a failover to a replica that was behind leaves.
    const client = createClient({ url: server.url })
    await client.connect()
    const key = `${keyPrefix}:run:{${RUN}}`
    await client
      .multi()
      .hSet(key, 'last', '3')
      .xDel(`${key}:events`, ['4-1', '5-1'])
      .addCommand(['XSETID', `${key}:events`, '3-1'])
      .exec()
    client.destroy()

    expect(await send(2, tool(id('4'), id('2')))).toBe(200)

    await vi.waitFor(() => expect(stream.told.length).toBeGreaterThan(12), WAIT)
    const after = await events(1)
    expect(after.epoch).not.toBe(before.epoch)
    expect(after.told.slice(0, 5)).toEqual(before.told)
    const anew = stream.told.findIndex(({ type }) => type === 'stream.gap')
    expect(stream.told[anew]).toMatchObject({ reason: 'restarted' })
    expect(stream.ids.slice(anew)).toEqual([0, ...after.seqs].map((seq) => `${after.epoch}.${seq}`))
    expect(stream.told.slice(anew + 1)).toEqual(after.told)
  })
})
