import { once } from 'node:events'
import { type AgentObserver, createRandomId, ObserverRegistry, type RunLimits } from '@spancast/sdk'
import { afterEach, describe, expect, test } from 'vitest'
import { MemoryStore } from '../store/memory.ts'
import { OpenBridges } from '../testing/open-bridges.ts'
import { get, post } from '../testing/post.ts'
import { rawRequest } from '../testing/raw-request.ts'

const bridges = new OpenBridges()
afterEach(() => bridges.closeAll())

/** A run with `count` events after its start. */
function run(registry: ObserverRegistry, count = 1, randomId?: string): AgentObserver {
  const observer = registry.create(randomId)
  for (let n = 1; n <= count; n++) observer.emit({ type: 'agent.event', name: 'step', content: n })
  return observer
}

function end(observer: AgentObserver, status: 'ok' | 'error' = 'ok'): void {
  observer.life.finish({ status, timestamp: Date.now() })
}

async function opened(limits: Partial<RunLimits> = {}): Promise<{
  registry: ObserverRegistry
  url: string
  port: number
}> {
  const registry = new ObserverRegistry(limits)
  return { registry, ...(await bridges.open({ registry })) }
}

function seqsOf(events: unknown): number[] {
  return (events as { seq: number }[]).map(({ seq }) => seq)
}

describe('the list of runs', () => {
  test('is newest first, page by page, each run once', async () => {
    const { registry, url } = await opened()
    const ids = Array.from({ length: 5 }, () => run(registry).randomId).reverse()

    const seen: unknown[] = []
    let cursor = ''
    do {
      const { body } = await get(`${url}/api/agents?limit=2${cursor}`)
      seen.push(...(body.runs as { randomId: string }[]).map(({ randomId }) => randomId))
      cursor = body.next === null ? '' : `&cursor=${encodeURIComponent(String(body.next))}`
    } while (cursor !== '')

    expect(seen).toEqual(ids)
  })

  test('of a status has only those', async () => {
    const { registry, url } = await opened()
    const [good, bad] = [run(registry), run(registry), run(registry)]
    end(good)
    end(bad, 'error')

    const { body } = await get(`${url}/api/agents?status=error`)

    expect(body.runs).toMatchObject([{ randomId: bad.randomId, status: 'error' }])
  })

  test('has 50 runs a page by default, at most 200', async () => {
    const { registry, url } = await opened()
    for (let n = 0; n < 201; n++) run(registry)

    const byDefault = await get(`${url}/api/agents`)
    const most = await get(`${url}/api/agents?limit=200`)

    expect(byDefault.body.runs).toHaveLength(50)
    expect(most.body.runs).toHaveLength(200)
  })

  test.each([
    ['limit=201', 'invalid-limit'],
    ['limit=0', 'invalid-limit'],
    ['limit=-1', 'invalid-limit'],
    ['limit=ten', 'invalid-limit'],
    ['limit=1&limit=2', 'invalid-limit'],
    ['status=done', 'invalid-status'],
    ['status=', 'invalid-status'],
    ['cursor=garbage', 'invalid-cursor'],
    ['cursor=a&cursor=b', 'invalid-cursor'],
  ])('?%s is 400 %s', async (query, code) => {
    const { url } = await opened()

    const { status, body } = await get(`${url}/api/agents?${query}`)

    expect([status, body.code]).toEqual([400, code])
  })
})

describe('a summary', () => {
  test('tells a run at a glance', async () => {
    const { registry, url } = await opened()
    const observer = run(registry, 3)

    const { status, headers, body } = await get(`${url}/api/agents/${observer.randomId}`)

    expect(status).toBe(200)
    expect(headers.get('cache-control')).toBe('no-store')
    expect(body).toEqual(JSON.parse(JSON.stringify(observer.summary())))
  })

  test('of an unknown run is 404 at once, of one that was let go 410', async () => {
    const { registry, url } = await opened()
    const observer = run(registry)
    observer.dispose()

    for (const path of ['', '/events']) {
      const unknown = await get(`${url}/api/agents/${createRandomId()}${path}`)
      const gone = await get(`${url}/api/agents/${observer.randomId}${path}`)
      expect([unknown.status, unknown.body.code]).toEqual([404, 'run-not-found'])
      expect([gone.status, gone.body.code]).toEqual([410, 'run-gone'])
    }
    expect(registry.size).toBe(0)
  })
})

describe('events as a page', () => {
  test('are all that is kept, with where to go on', async () => {
    const { registry, url } = await opened()
    const observer = run(registry, 3)
    end(observer)
    const at = `${url}/api/agents/${observer.randomId}/events`

    const { body } = await get(at)

    expect(body).toEqual({
      events: JSON.parse(JSON.stringify(observer.getEvents())),
      gaps: [],
      epoch: observer.epoch,
      lastSeq: 5,
      ended: true,
      next: `${observer.epoch}.5`,
    })
    const { body: rest } = await get(`${at}?since=${body.next}`)
    expect(rest).toMatchObject({ events: [], gaps: [], next: body.next })
  })

  test('come page by page, each once, in order', async () => {
    const { registry, url } = await opened()
    const observer = run(registry, 24)

    const seen: number[] = []
    let next = '0'
    for (let more = true; more; ) {
      const { body } = await get(
        `${url}/api/agents/${observer.randomId}/events?limit=10&since=${next}`,
      )
      seen.push(...seqsOf(body.events))
      more = seqsOf(body.events).length === 10
      next = String(body.next)
    }

    expect(seen).toEqual(Array.from({ length: 25 }, (_, at) => at + 1))
  })

  test('that were overwritten are told as a gap', async () => {
    const { registry, url } = await opened({ maxEvents: 4 })
    const observer = run(registry, 9)

    const { body } = await get(`${url}/api/agents/${observer.randomId}/events?since=2`)

    expect(seqsOf(body.events)).toEqual([7, 8, 9, 10])
    expect(body.gaps).toEqual([{ reason: 'overwritten', from: 3, to: 6 }])
  })

  test('after an id of another life of the run are all of it, and say so', async () => {
    const { registry, url } = await opened()
    const observer = run(registry, 2)

    for (const since of ['0123456789.2', '99']) {
      const { body } = await get(`${url}/api/agents/${observer.randomId}/events?since=${since}`)
      expect(body.gaps).toEqual([{ reason: 'restarted' }])
      expect(seqsOf(body.events)).toEqual([1, 2, 3])
    }
  })

  test.each([
    ['since=x', 'invalid-since'],
    ['since=-1', 'invalid-since'],
    ['since=1.5.2', 'invalid-since'],
    ['since=1&since=2', 'invalid-since'],
    ['limit=0', 'invalid-limit'],
    ['limit=10001', 'invalid-limit'],
  ])('?%s is 400 %s', async (query, code) => {
    const { registry, url } = await opened()
    const observer = run(registry)
    const before = observer.summary()

    const { status, body } = await get(`${url}/api/agents/${observer.randomId}/events?${query}`)

    expect([status, body.code]).toEqual([400, code])
    expect(observer.summary()).toEqual(before)
  })
})

describe('events as an export', () => {
  const NDJSON = { Accept: 'application/x-ndjson' }

  function linesOf(text: string): Record<string, unknown>[] {
    expect(text.endsWith('\n')).toBe(true)
    return text
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as Record<string, unknown>)
  }

  test('are one event a line', async () => {
    const { registry, url } = await opened()
    const observer = run(registry, 200)

    const response = await fetch(`${url}/api/agents/${observer.randomId}/events`, {
      headers: NDJSON,
    })

    expect(response.headers.get('content-type')).toContain('application/x-ndjson')
    expect(linesOf(await response.text())).toEqual(JSON.parse(JSON.stringify(observer.getEvents())))
  })

  test('take since and limit, and tell what was overwritten ahead of what survives', async () => {
    const { registry, url } = await opened({ maxEvents: 4 })
    const observer = run(registry, 9)
    const at = `${url}/api/agents/${observer.randomId}/events?since=2&limit=2`

    const lines = linesOf(await (await fetch(at, { headers: NDJSON })).text())

    expect(lines[0]).toEqual({ type: 'stream.gap', reason: 'overwritten', from: 3, to: 6 })
    expect(seqsOf(lines.slice(1))).toEqual([7, 8])
  })

  test('are paced by the reader, and what is overwritten meanwhile is told', async () => {
    const { registry, port } = await opened({ maxEvents: 600 })
    const observer = registry.create()
    const text = 'x'.repeat(30_000)
    const emit = (): void => observer.emit({ type: 'agent.event', name: 'big', content: text })
    for (let n = 1; n < 500; n++) emit()
    const response = await fetch(
      `http://127.0.0.1:${port}/api/agents/${observer.randomId}/events`,
      {
        headers: NDJSON,
      },
    )
    // 15 MB are more than the kernel takes for a reader that does not read.
    for (let n = 0; n < 600; n++) emit()

    const lines = linesOf(await response.text())

    const seqs = lines.flatMap(({ seq }) => (typeof seq === 'number' ? [seq] : []))
    const [gap, ...others] = lines.filter(({ type }) => type === 'stream.gap')
    expect(seqs).toEqual(Array.from(seqs, (_, at) => at + 1))
    expect(seqs.length).toBeLessThan(500)
    expect(gap).toMatchObject({ reason: 'overwritten', from: seqs.length + 1 })
    expect(others).toEqual([])
  })

  test('of a run that is let go meanwhile end with that news', async () => {
    const { registry, port } = await opened()
    const observer = registry.create()
    const content = 'x'.repeat(30_000)
    for (let n = 1; n < 500; n++) observer.emit({ type: 'agent.event', name: 'big', content })
    const response = await fetch(
      `http://127.0.0.1:${port}/api/agents/${observer.randomId}/events`,
      {
        headers: NDJSON,
      },
    )
    observer.dispose()

    const lines = linesOf(await response.text())

    expect(lines.at(-1)).toEqual({ type: 'stream.end', reason: 'disposed', lastSeq: 500 })
  })

  test('reach a reader that speaks HTTP/1.0, which knows no chunks', async () => {
    const { registry, port } = await opened()
    const observer = run(registry, 2)
    const path = `/api/agents/${observer.randomId}/events`

    const { headers, body } = await rawRequest(port, [
      `GET ${path} HTTP/1.0`,
      'Accept: application/x-ndjson',
    ])

    expect(headers['transfer-encoding']).toBeUndefined()
    expect(seqsOf(linesOf(body))).toEqual([1, 2, 3])
  })
})

describe('ids that cannot name a run are 400 on every route', () => {
  const HOSTILE = [
    'short',
    'a'.repeat(129),
    'aaaaaaa%0Adata:x',
    'aaaaaaaa%00',
    '..%2F..%2Fetc',
    '%F0%9F%A6%8A%F0%9F%A6%8A',
    '%E0%A4%A',
    "aaaaaaaa'--",
  ]
  const ROUTES = ['', '/stream', '/events', '/cancel', '/token']
  test.each(HOSTILE)('%s', async (id) => {
    const { registry, url } = await opened()

    for (const route of ROUTES) {
      const at = `${url}/api/agents/${id}${route}`
      const answer = await (route === '/cancel' || route === '/token' ? post(at) : get(at))
      expect([route, answer.status, answer.body.code]).toEqual([route, 400, 'invalid-random-id'])
    }
    expect(registry.size).toBe(0)
  })
})

test.each(['*', 'a'.repeat(129), '%E0%A4%A'])('the namespace %s is 400', async (namespace) => {
  const { url } = await opened()

  const { status, body } = await get(`${url}/api/namespaces/${namespace}/stream`)

  expect([status, body.code]).toEqual([400, 'invalid-namespace'])
})

describe('methods and paths', () => {
  test.each([
    ['/api/workflow/invoke', 'GET', 'POST, OPTIONS'],
    ['/api/workflows', 'POST', 'GET, HEAD, OPTIONS'],
    ['/api/agents', 'DELETE', 'GET, HEAD, OPTIONS'],
    ['/api/agents/stream', 'POST', 'GET, HEAD, OPTIONS'],
    ['/api/agents/abcdefgh', 'PUT', 'GET, HEAD, OPTIONS'],
    ['/api/agents/abcdefgh/stream', 'POST', 'GET, HEAD, OPTIONS'],
    ['/api/agents/abcdefgh/events', 'PATCH', 'GET, HEAD, OPTIONS'],
    ['/api/agents/abcdefgh/cancel', 'GET', 'POST, OPTIONS'],
    ['/api/agents/abcdefgh/token', 'GET', 'POST, OPTIONS'],
    ['/api/namespaces/sales/stream', 'POST', 'GET, HEAD, OPTIONS'],
    ['/healthz', 'POST', 'GET, HEAD, OPTIONS'],
    ['/metrics', 'POST', 'GET, HEAD, OPTIONS'],
  ])('%s refuses %s, and says what it takes', async (path, method, allowed) => {
    const { url } = await opened()

    const response = await fetch(url + path, { method })

    expect(response.status).toBe(405)
    expect(response.headers.get('allow')).toBe(allowed)
    expect(await response.json()).toMatchObject({ code: 'method-not-allowed' })
    const options = await fetch(url + path, { method: 'OPTIONS' })
    expect([options.status, options.headers.get('allow')]).toEqual([204, allowed])
  })

  test.each(['/api', '/api/nope', '/api/agents/abcdefgh/nope', '/api/workflow', '/nope'])(
    '%s is 404 with a problem document',
    async (path) => {
      const { url } = await opened()

      const { status, headers, body } = await get(url + path)

      expect([status, body.code]).toEqual([404, 'not-found'])
      expect(headers.get('content-type')).toContain('application/problem+json')
    },
  )
})

describe('limits of streams', () => {
  test.each([
    ['maxStreams', { maxStreams: 2 }],
    ['maxStreamsPerClient', { maxStreamsPerClient: 2 }],
  ])('%s are open, one more is 429 with Retry-After, until one closes', async (_, limits) => {
    const registry = new ObserverRegistry()
    const observer = run(registry)
    const { url } = await bridges.open({ registry, limits })
    const open = (): Promise<Response> => fetch(`${url}/api/agents/${observer.randomId}/stream`)
    const streams = [await open(), await open()]

    const refused = await open()
    end(observer)
    for (const stream of streams) await stream.text()
    const after = await open()

    expect(streams.map(({ status }) => status)).toEqual([200, 200])
    expect(refused.status).toBe(429)
    expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0)
    expect(await refused.json()).toMatchObject({ code: 'too-many-streams' })
    expect(after.status).toBe(200)
    await after.text()
  })
})

describe('a store of another kind', () => {
  test('that fails is 500 internal-error, without its words, which the operator is told', async () => {
    const store = Object.assign(new MemoryStore(new ObserverRegistry()), {
      summary: () => Promise.reject(new Error('redis://admin:hunter2@10.0.0.7 is away')),
    })
    const { url } = await bridges.open({ store })
    const told = once(process, 'warning')

    const { status, body } = await get(`${url}/api/agents/abcdefgh`)

    expect([status, body.code]).toEqual([500, 'internal-error'])
    expect(JSON.stringify(body)).not.toContain('hunter2')
    expect((await told)[0]).toMatchObject({ code: 'SPANCAST_BRIDGE_ERROR' })
  })

  test('that is away turns readyz to 503, and healthz not', async () => {
    const store = new MemoryStore(new ObserverRegistry())
    const { url } = await bridges.open({ store })
    await store.close()

    expect(await get(`${url}/readyz`)).toMatchObject({
      status: 503,
      body: { status: 'store-away' },
    })
    expect((await get(`${url}/healthz`)).status).toBe(200)
  })

  test('is left open when the bridge closes', async () => {
    const store = new MemoryStore(new ObserverRegistry())
    const { bridge } = await bridges.open({ store })

    await bridge.close()

    expect(store.ready()).toBe(true)
  })
})

test('HEAD gets the head alone', async () => {
  const { url } = await opened()

  const response = await fetch(`${url}/api/agents`, { method: 'HEAD' })

  expect([response.status, await response.text()]).toEqual([200, ''])
})

describe('health and metrics', () => {
  test('healthz and readyz answer 200', async () => {
    const { url } = await opened()

    expect((await get(`${url}/healthz`)).status).toBe(200)
    expect((await get(`${url}/readyz`)).body).toEqual({ status: 'ok' })
  })

  test('metrics tell runs by status, evictions, streams, deliveries and problems', async () => {
    const { registry, url } = await opened({ maxEvents: 4 })
    const observer = run(registry, 9)
    end(observer)
    observer.emit({ type: 'agent.event', name: 'late', content: 1 })
    run(registry)
    await (await fetch(`${url}/api/agents/${observer.randomId}/stream`)).text()
    await get(`${url}/api/nope`)

    const response = await fetch(`${url}/metrics`)
    const text = await response.text()

    expect(response.headers.get('content-type')).toBe('text/plain; version=0.0.4; charset=utf-8')
    for (const line of [
      'spancast_runs{status="running"} 1',
      'spancast_runs{status="ok"} 1',
      'spancast_run_events_evicted 7',
      'spancast_late_events 1',
      'spancast_open_streams 0',
      'spancast_delivered_events_total 4',
      'spancast_ended_streams_total{reason="completed"} 1',
      'spancast_problems_total{code="not-found"} 1',
    ]) {
      expect(text).toContain(`\n${line}\n`)
    }
    expect(text).toMatch(/\nspancast_delivered_bytes_total [1-9]\d+\n/)
    expect(text).toMatch(/\nspancast_uptime_seconds \d/)
    for (const line of text.trimEnd().split('\n')) {
      expect(line).toMatch(/^(# (HELP|TYPE) .+|[a-z_]+(\{[a-z]+="[^"]*"\})? [\d.]+)$/)
    }
  })
})
