import { AsyncLocalStorage } from 'node:async_hooks'
import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import { createServer, type ServerResponse } from 'node:http'
import { type AddressInfo, createServer as createNetServer } from 'node:net'
import { context, propagation, trace } from '@opentelemetry/api'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import type { AgentObserver } from '../observer/agent-observer.ts'
import type { RunLimits } from '../observer/limits.ts'
import { ObserverRegistry } from '../observer/observer-registry.ts'
import { startObserving } from '../testing/observing.ts'
import type { LinkLimits } from './link-limits.ts'
import { LiveLink, type LiveLinkOptions } from './live-link.ts'
import { BridgeStandIn } from './testing/bridge-stand-in.ts'

const RUN = 'run-00001'

let bridge: BridgeStandIn
let registry: ObserverRegistry
let open: LiveLink[]

beforeEach(async () => {
  // What the link itself waits for; sockets go by other clocks.
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'setInterval', 'clearInterval'] })
  vi.spyOn(Math, 'random').mockReturnValue(1)
  bridge = await BridgeStandIn.open()
  registry = new ObserverRegistry()
  open = []
})

afterEach(async () => {
  vi.restoreAllMocks()
  vi.useRealTimers()
  registry.dispose()
  for (const link of open) await link.close(0)
  await bridge.close()
})

function connect(options: Partial<LiveLinkOptions> = {}): LiveLink {
  const link = new LiveLink({ registry, url: bridge.url, ...options })
  open.push(link)
  return link
}

function begin(randomId: string = RUN): AgentObserver {
  const observer = registry.create(randomId)
  observer.emit({ type: 'run.start', name: 'a run' })
  return observer
}

function tell(observer: AgentObserver, ...names: (string | number)[]): void {
  for (const name of names) observer.emit({ type: 'agent.event', name: `${name}`, content: null })
}

function talk(observer: AgentObserver, ...deltas: string[]): void {
  for (const delta of deltas) observer.emit({ type: 'agent.chunk', index: 0, delta, kind: 'text' })
}

/** Lets the first request through, and keeps its answer, so that the line is busy. */
async function busy(): Promise<() => void> {
  let held: ServerResponse | undefined
  const before = bridge.answering
  bridge.answering = (response) => {
    held = response
  }
  await bridge.requested(bridge.requests.length + 1)
  bridge.answering = before
  return () => {
    if (held !== undefined) bridge.accept(held)
  }
}

/** Lets the event loop turn until that holds; time stands still. */
async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await new Promise<void>((resolve) => setImmediate(resolve))
}

const names = (): (string | undefined)[] =>
  bridge.records.map(({ event, eventName }) =>
    event?.type === 'agent.event'
      ? event.name
      : event?.type === 'agent.chunk'
        ? String(event.delta)
        : eventName,
  )
const numbers = (randomId = RUN): number[] =>
  bridge.records
    .filter(({ attributes }) => attributes['spancast.run.id'] === randomId)
    .map(({ number }) => number)

describe('an event', () => {
  test('is one log record that says all that a bridge needs', async () => {
    connect({ serviceName: 'shop', token: 'let-me-in' })
    const observer = registry.create(RUN)
    observer.emit({
      type: 'agent.start',
      nodeName: 'planner',
      nodeKind: 'agent',
      timestamp: 1_700_000_000_123.25,
      traceId: '0af7651916cd43dd8448eb211c80319c',
      spanId: 'b7ad6b7169203331',
      input: { text: 'line\n"quoted" \u2028 \ud800' },
    })

    const [request, [start, node]] = [await bridge.requested(1), await bridge.recorded(2)]

    expect(request.url).toBe('/v1/logs')
    expect(request.headers).toMatchObject({
      'content-type': 'application/json',
      authorization: 'Bearer let-me-in',
    })
    expect(JSON.parse(request.body).resourceLogs[0]).toMatchObject({
      resource: { attributes: [{ key: 'service.name', value: { stringValue: 'shop' } }] },
      scopeLogs: [{ scope: { name: '@spancast/sdk' } }],
    })
    expect(node).toMatchObject({
      eventName: 'agent.start',
      timeUnixNano: '1700000000123250000',
      severityNumber: 9,
      traceId: '0af7651916cd43dd8448eb211c80319c',
      spanId: 'b7ad6b7169203331',
      attributes: {
        'spancast.run.id': RUN,
        'spancast.source.id': expect.stringMatching(/^[0-9a-z.]{20,64}$/),
        'spancast.source.seq': 2,
        'spancast.version': 1,
      },
    })
    expect(node?.event).toEqual(observer.getEvents()[1])
    expect(start?.number).toBe(1)
  })

  test('that belongs to no span carries no ids', async () => {
    connect()
    begin()

    const [start] = await bridge.recorded(1)

    expect(start).not.toHaveProperty('traceId')
    expect(start).not.toHaveProperty('spanId')
  })

  test('leaves at once, with no timer, together with what else happens in the same step', async () => {
    connect()
    const run = begin()
    tell(run, 'a', 'b')

    // Time stands still.
    const first = await bridge.requested(1)
    expect(first.records.map(({ number }) => number)).toEqual([1, 2, 3])
    tell(run, 'c')
    const second = await bridge.requested(2)

    expect(second.records.map(({ number }) => number)).toEqual([4])
  })

  test('waits for the answer to the one before, and goes with all that wait too', async () => {
    connect()
    const run = begin()
    const release = await busy()
    for (let step = 0; step < 50; step++) {
      tell(run, step)
      await Promise.resolve()
    }
    expect(bridge.requests).toHaveLength(1)

    release()
    const second = await bridge.requested(2)

    expect(second.records.map(({ number }) => number)).toEqual(
      Array.from({ length: 50 }, (_, at) => at + 2),
    )
  })

  test('comes in order, and requests stay small, however much waits', async () => {
    connect()
    const run = begin()
    const release = await busy()
    const content = 'x'.repeat(10_000)
    for (let n = 0; n < 100; n++) run.emit({ type: 'agent.event', name: `${n}`, content })

    release()
    await bridge.recorded(101)

    expect(numbers()).toEqual(Array.from({ length: 101 }, (_, at) => at + 1))
    expect(bridge.requests.length).toBeGreaterThan(3)
    expect(Math.max(...bridge.requests.map(({ body }) => body.length))).toBeLessThan(300_000)
  })

  test('is counted per run, and per link', async () => {
    connect()
    connect()
    const [one, two] = [begin('run-00001'), begin('run-00002')]
    tell(one, 'a')
    tell(two, 'b', 'c')

    await bridge.recorded(10)

    const bySource = new Map<unknown, number[]>()
    for (const { attributes, number } of bridge.records) {
      const source = attributes['spancast.source.id']
      bySource.set(source, [...(bySource.get(source) ?? []), number])
    }
    expect([...bySource.values()].sort()).toEqual([
      [1, 2],
      [1, 2],
      [1, 2, 3],
      [1, 2, 3],
    ])
  })

  test('of a run that begins anew under its id comes from another source', async () => {
    connect()
    begin().emit({ type: 'run.end', status: 'ok', duration: 1, ...NO_TOTALS })
    begin()

    await bridge.recorded(3)

    expect(numbers()).toEqual([1, 2, 1])
    const sources = bridge.records.map(({ attributes }) => attributes['spancast.source.id'])
    expect(sources[0]).toBe(sources[1])
    expect(sources[2]).not.toBe(sources[0])
  })

  test('of a run that was going before the link is sent too', async () => {
    const run = begin()
    tell(run, 'a')
    const link = connect()
    tell(run, 'b')

    await bridge.recorded(3)

    expect(numbers()).toEqual([1, 2, 3])
    await link.flush()
    expect(bridge.records).toHaveLength(3)
  })

  test('that a bridge in this process has received stays here', async () => {
    connect()
    const foreign = registry.create('run-00002')
    foreign.life.elsewhere = true
    tell(foreign, 'a')
    begin()

    await bridge.recorded(1)

    expect(numbers('run-00002')).toEqual([])
  })
})

const PLACE = { randomId: RUN, timestamp: 0, traceId: '0'.repeat(32) }
const NO_TOTALS = {
  tokenUsage: { inputTokens: 0, outputTokens: 0, totalTokens: 0 },
  cost: 0,
  unpricedCalls: 0,
  unmeteredCalls: 0,
}

test('a run that another process opened leaves its start and its end to that process', async () => {
  connect()
  const observer = registry.create(RUN)
  observer.life.joined = true
  tell(observer, 'a', 'b')
  observer.life.finish({ status: 'ok', timestamp: Date.now() })
  tell(begin('run-00002'), 'c')
  await bridge.recorded(4)

  expect(names()).toEqual(['a', 'b', 'run.start', 'c'])
  expect(numbers()).toEqual([1, 2])
})

describe('while the bridge is away', () => {
  const limited = (limits: Partial<LinkLimits>, kept?: Partial<RunLimits>) => {
    if (kept !== undefined) registry = new ObserverRegistry(kept)
    return connect({ limits })
  }

  test('chunks go first, then the oldest events, and holes show what is lost', async () => {
    const link = limited({ maxLinkEvents: 5 })
    const run = begin()
    const release = await busy()
    tell(run, 'a')
    talk(run, 'x', 'y')
    tell(run, 'b', 'c', 'd', 'e')

    expect(link.counts).toEqual({ sentEvents: 0, lostEvents: 1, lostChunks: 2 })
    release()
    await link.flush()

    expect(names()).toEqual(['run.start', 'b', 'c', 'd', 'e'])
    expect(numbers()).toEqual([1, 5, 6, 7, 8])
    expect(link.counts).toEqual({ sentEvents: 5, lostEvents: 1, lostChunks: 2 })
  })

  test('bytes are bounded too', async () => {
    const link = limited({ maxLinkBytes: 50_000 })
    const run = begin()
    const long = { nodeId: 'n', nodeName: 'long', nodeKind: 'agent' } as const
    for (const spanId of ['000000000000000a', '000000000000000b']) {
      const event = { type: 'agent.start', ...long, spanId, ...PLACE } as const
      run.append('agent.start', { build: (_, seq) => ({ ...event, seq }) }, 30_000, false, 0)
    }

    expect(link.counts).toMatchObject({ lostEvents: 2 })
    await link.flush()
    expect(numbers()).toEqual([3])
  })

  test('it tries again after up to 200 ms, then longer each time, and loses nothing', async () => {
    const waits = vi.spyOn(globalThis, 'setTimeout')
    const link = connect()
    bridge.answering = (response) => bridge.accept(response, 503)
    const run = begin()
    tell(run, 'a')
    for (const attempt of [1, 2, 3, 4, 5, 6, 7]) {
      await bridge.requested(attempt)
      await until(() => pauses(waits).length === attempt)
      if (attempt === 7) bridge.answering = (response) => bridge.accept(response)
      await vi.advanceTimersByTimeAsync(pauses(waits).at(-1) ?? 0)
    }
    await bridge.requested(8)

    expect(pauses(waits)).toEqual([200, 400, 800, 1600, 3200, 5000, 5000])
    await until(() => link.counts.sentEvents === 2)
    const events = bridge.requests[7]?.records.filter(({ event }) => event !== undefined)
    expect(events?.map(({ number }) => number)).toEqual([1, 2])
    expect(link.counts).toEqual({ sentEvents: 2, lostEvents: 0, lostChunks: 0 })
  })

  test.each([
    ['2', 2000],
    [new Date(Date.now() + 3600_000).toUTCString(), 30_000],
    ['86400', 30_000],
    ['soon', 200],
  ])('Retry-After: %s keeps it waiting for %d ms', async (asked, ms) => {
    const waits = vi.spyOn(globalThis, 'setTimeout')
    connect()
    bridge.answering = (response) => {
      response.setHeader('retry-after', asked)
      bridge.accept(response, 429)
    }
    begin()
    await bridge.requested(1)
    await until(() => pauses(waits).length === 1)

    expect(pauses(waits)).toEqual([ms])
    await vi.advanceTimersByTimeAsync(ms - 1)
    expect(bridge.requests).toHaveLength(1)
    await vi.advanceTimersByTimeAsync(1)
    await bridge.requested(2)
  })

  test('what it has to say is said once', async () => {
    const warned = vi.spyOn(process, 'emitWarning')
    const link = connect()
    await bridge.close()
    const run = begin()
    for (let n = 0; n < 5; n++) {
      tell(run, n)
      await link.flush()
    }
    await bridge.listen()

    expect(warned.mock.calls.length).toBeLessThanOrEqual(1)
  })

  test('it is there again as soon as the bridge is', async () => {
    const link = connect()
    await bridge.close()
    const run = begin()
    tell(run, 'a')
    await link.flush()
    await bridge.listen()

    await vi.advanceTimersByTimeAsync(5000)
    await bridge.recorded(2)

    expect(numbers()).toEqual([1, 2])
  })
})

describe('an answer that', () => {
  test.each([400, 401, 404, 413, 500, 302])(
    'is %d drops what it is for, and no more',
    async (status) => {
      const link = connect()
      const run = begin()
      bridge.answering = (response) => bridge.accept(response, status)
      await bridge.requested(1)
      talk(run, 'x')
      await bridge.requested(2)
      bridge.answering = (response) => bridge.accept(response)
      await until(() => link.counts.lostChunks === 1)
      tell(run, 'a')
      await bridge.requested(3)

      expect(bridge.requests[2]?.records.map(({ number }) => number)).toEqual([3])
      await until(() => link.counts.sentEvents === 1)
      expect(link.counts).toEqual({ sentEvents: 1, lostEvents: 1, lostChunks: 1 })
    },
  )

  test('never comes is waited for ten seconds, then the events are sent again', async () => {
    connect()
    const release = busy()
    begin()
    await release

    await vi.advanceTimersByTimeAsync(10_000)
    await until(() => vi.getTimerCount() > 1)
    await vi.advanceTimersByTimeAsync(200)
    await bridge.requested(2)

    expect(numbers()).toEqual([1, 1])
  })

  test('is no HTTP, or a connection that breaks, is one that did not come', async () => {
    let turn = 0
    const server = createNetServer((socket) => {
      socket.on('error', () => {})
      socket.once('data', () => {
        if (turn++ === 0) socket.end('220 smtp ready\r\n\r\n')
        else socket.destroy()
      })
    })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const { port } = server.address() as AddressInfo
    const link = connect({ url: new URL(`http://127.0.0.1:${port}/v1/logs`) })
    begin()

    await link.flush()
    await link.flush()

    expect(turn).toBe(2)
    expect(link.counts).toEqual({ sentEvents: 0, lostEvents: 0, lostChunks: 0 })
    server.close()
  })

  test('is a connection that was closed while it was idle is tried again at once', async () => {
    const seen = new Map<unknown, number>()
    let requests = 0
    const server = createServer((request, response) => {
      const turn = (seen.get(request.socket) ?? 0) + 1
      seen.set(request.socket, turn)
      requests++
      if (turn === 2) request.socket.destroy()
      else request.resume().on('end', () => response.end('{}'))
    })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const { port } = server.address() as AddressInfo
    const link = connect({ url: new URL(`http://127.0.0.1:${port}/v1/logs`) })
    const run = begin()
    await until(() => link.counts.sentEvents === 1)
    tell(run, 'a')

    // Time stands still.
    await until(() => link.counts.sentEvents === 2)

    expect(requests).toBe(3)
    await link.close()
    server.close()
  })

  test('has a body without end is taken for its status', async () => {
    const link = connect()
    bridge.answering = (response) => {
      response.writeHead(200, { 'content-type': 'text/html' })
      const more = (): void => {
        while (!response.destroyed && response.write('<p>garbage'.repeat(1000)));
        if (!response.destroyed) response.once('drain', more)
      }
      more()
    }
    begin()

    await link.flush()

    expect(link.counts.sentEvents).toBe(1)
  })
})

describe('when the bridge was restarted', () => {
  test('running runs are sent again, with their numbers, ahead of what is new', async () => {
    const link = connect()
    const [run, over] = [begin(), begin('run-00002')]
    tell(run, 'a', 'b')
    over.life.finish({ status: 'ok', timestamp: Date.now() })
    await link.flush()
    const before = bridge.records.length
    await bridge.close()
    bridge.instance = 'bridge-2'
    await bridge.listen()

    tell(run, 'c')
    await link.flush()

    const again = bridge.records.slice(before)
    expect(again.map(({ number }) => number)).toEqual([1, 2, 3, 4])
    expect(again.map(({ attributes }) => attributes['spancast.run.id'])).toEqual([
      RUN,
      RUN,
      RUN,
      RUN,
    ])
    expect(new Set(numbers())).toEqual(new Set([1, 2, 3, 4]))
    expect(link.counts).toEqual({ sentEvents: 6, lostEvents: 0, lostChunks: 0 })
  })

  test('and it is heard of only by an answer, they are sent again as well', async () => {
    const link = connect()
    const run = begin()
    tell(run, 'a')
    await link.flush()
    bridge.instance = 'bridge-2'
    tell(run, 'b')
    await link.flush()
    await bridge.recorded(6)

    expect(numbers()).toEqual([1, 2, 3, 1, 2, 3])
    tell(run, 'c')
    await link.flush()
    expect(numbers()).toEqual([1, 2, 3, 1, 2, 3, 4])
  })

  test('a ring of thousands is sent again in small requests, also when the bridge falls over meanwhile', async () => {
    registry = new ObserverRegistry({ maxEvents: 3000 })
    const link = connect()
    const run = begin()
    tell(run, ...Array.from({ length: 2499 }, (_, n) => n))
    await link.flush()
    await bridge.close()
    bridge.instance = 'bridge-2'
    await bridge.listen()
    const before = bridge.requests.length
    let turn = 0
    bridge.answering = (response) => {
      if (++turn === 3) response.destroy()
      else bridge.accept(response)
    }
    tell(run, 'new')
    await link.flush()
    await link.flush()

    const seen = bridge.requests.slice(before).map(({ records }) => records.map((r) => r.number))
    expect(seen[0]).toEqual([])
    const all = [...new Set(seen.flat())]
    expect(all).toEqual(Array.from({ length: 2501 }, (_, at) => at + 1))
    expect(Math.max(...seen.map((records) => records.length))).toBeLessThanOrEqual(1000)
  })

  test('bridges that take turns are each told once', async () => {
    const link = connect()
    const run = begin()
    await link.flush()
    for (let turn = 0; turn < 6; turn++) {
      bridge.instance = turn % 2 === 0 ? 'bridge-2' : 'bridge-1'
      tell(run, turn)
      await link.flush()
    }
    await link.flush()

    expect(numbers().filter((number) => number === 1)).toHaveLength(2)
  })

  test('a connection that the bridge closed while nothing happened costs nothing', async () => {
    const warned = vi.spyOn(process, 'emitWarning')
    const link = connect()
    begin().life.finish({ status: 'ok', timestamp: Date.now() })
    await link.flush()
    bridge.answering = (response) => {
      response.setHeader('connection', 'close')
      bridge.accept(response)
    }
    const run = begin('run-00002')
    await link.flush()
    tell(run, 'a')
    await link.flush()

    expect(numbers('run-00002')).toEqual([1, 2])
    expect(warned).not.toHaveBeenCalled()
  })
})

describe('a sign of life', () => {
  test('of each open run comes every 15 s, and names the last number used', async () => {
    connect()
    const [run] = [begin(), begin('run-00002').life.finish({ status: 'ok', timestamp: 0 })]
    tell(run, 'a')
    await bridge.recorded(4)

    await vi.advanceTimersByTimeAsync(15_000)
    await bridge.recorded(5)
    await vi.advanceTimersByTimeAsync(15_000)
    const beat = (await bridge.recorded(6)).at(-1)

    expect(names().slice(4)).toEqual(['spancast.heartbeat', 'spancast.heartbeat'])
    expect(beat).toMatchObject({
      attributes: { 'spancast.run.id': RUN, 'spancast.source.seq': 2, 'spancast.version': 1 },
    })
    expect(beat?.attributes).not.toHaveProperty('spancast.event')
    run.life.finish({ status: 'ok', timestamp: 0 })
    await bridge.recorded(7)
    await vi.advanceTimersByTimeAsync(60_000)
    expect(bridge.records).toHaveLength(7)
  })

  test('does not pile up while the bridge is away', async () => {
    const link = connect()
    begin()
    await link.flush()
    bridge.answering = (response) => bridge.accept(response, 503)
    for (let n = 0; n < 20; n++) await vi.advanceTimersByTimeAsync(15_000)
    bridge.answering = (response) => bridge.accept(response)
    const before = bridge.records.length
    await vi.advanceTimersByTimeAsync(15_000)
    await bridge.until(() => bridge.records.length > before)

    expect(bridge.records.length - before).toBeLessThanOrEqual(2)
  })

  test('names lost events too, and none that are still to come', async () => {
    const link = connect({ limits: { maxLinkEvents: 2 } })
    const run = begin()
    const release = await busy()
    talk(run, 'lost', 'lost as well')
    tell(run, 'a')
    talk(run, 'lost at the end')
    await vi.advanceTimersByTimeAsync(15_000 - 1)
    release()
    await link.flush()
    await vi.advanceTimersByTimeAsync(1)
    const beat = (await bridge.recorded(3)).at(-1)

    expect(beat).toMatchObject({ eventName: 'spancast.heartbeat', number: 5 })
  })
})

describe('the link itself', () => {
  test('is never traced, and takes nothing of the application along', async () => {
    const observing = startObserving()
    const storage = new AsyncLocalStorage<string>()
    const stores: (string | undefined)[] = []
    // As an instrumentation of node:http does it.
    const instrument = (message: unknown): void => {
      const { request } = message as { request: { host: string; path: string } }
      if (request.path !== '/v1/logs') return
      stores.push(storage.getStore())
      const carrier: Record<string, string> = {}
      trace.getTracer('http').startActiveSpan('POST', (span) => {
        propagation.inject(context.active(), carrier)
        span.end()
      })
      expect(carrier).toEqual({})
    }
    subscribe('http.client.request.start', instrument)
    connect({ registry: observing.registry })
    storage.run('a request of the application', () => {
      observing.foreign.startActiveSpan('invoke_agent a', { attributes: AGENT }, (span) =>
        span.end(),
      )
    })

    await bridge.recorded(4)
    unsubscribe('http.client.request.start', instrument)

    expect(stores.length).toBeGreaterThan(0)
    expect(stores.every((store) => store === undefined)).toBe(true)
    expect(observing.spans().map(({ name }) => name)).toEqual(['invoke_agent a'])
    observing.stop()
  })

  test('sends large requests compressed, but not to its own machine', async () => {
    const [near, far] = [
      connect(),
      connect({ url: new URL(bridge.url.href.replace('127.0.0.1', '0.0.0.0')) }),
    ]
    const content = 'the same again and again '.repeat(1000)
    begin().emit({ type: 'agent.event', name: 'long', content })
    await Promise.all([near.flush(), far.flush()])

    const zips = bridge.requests.map(({ headers }) => headers['content-encoding'])
    expect(zips.sort()).toEqual(['gzip', undefined])
    expect(numbers()).toEqual([1, 2, 1, 2])
  })

  test('keeps one connection', async () => {
    let connections = 0
    const server = createServer((request, response) => {
      request.resume().on('end', () => response.end('{}'))
    }).on('connection', () => connections++)
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const { port } = server.address() as AddressInfo
    const link = connect({ url: new URL(`http://127.0.0.1:${port}/v1/logs`) })
    const run = begin()
    for (let n = 0; n < 20; n++) {
      tell(run, n)
      await link.flush()
    }

    expect(connections).toBe(1)
    server.closeAllConnections()
    server.close()
  })

  test('flushes within the time it is given, and closes once, however often', async () => {
    const link = connect()
    const release = busy()
    begin()
    await release
    const flushed = link.flush(2000)
    await vi.advanceTimersByTimeAsync(2000)
    await flushed

    const closed = link.close(0)
    await vi.advanceTimersByTimeAsync(0)
    await closed
    await link.close()
    tell(begin('run-00002'), 'a')

    expect(numbers('run-00002')).toEqual([])
  })

  test('a limit that is none is refused', () => {
    expect(() => connect({ limits: { maxLinkEvents: 0 } })).toThrow(
      'Expected `maxLinkEvents` to be a whole number from 1 up, got 0.',
    )
  })
})

const AGENT = { 'gen_ai.operation.name': 'invoke_agent', 'gen_ai.agent.name': 'a' }

/** How long it meant to wait before it tried again, each time. */
function pauses(timers: { mock: { calls: readonly unknown[][] } }): number[] {
  return timers.mock.calls
    .map(([, ms]) => Number(ms))
    .filter((ms) => ms >= 200 && ms !== 10_000 && ms !== 15_000)
}
