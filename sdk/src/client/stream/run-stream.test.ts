import type { ServerResponse } from 'node:http'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import type { AgentEvent, StreamGap } from '../../event/agent-event.ts'
import { type Client, type ClientOptions, createClient } from '../create-client.ts'
import {
  AuthError,
  GapError,
  HttpError,
  ProtocolError,
  RunExpiredError,
  RunNotFoundError,
  StreamLostError,
} from '../errors.ts'
import type { Connection } from '../state/run-state.ts'
import { type Exchange, ScriptedBridge } from '../testing/scripted-bridge.ts'
import { script } from '../testing/scripted-run.ts'
import type { RunStream } from './run-stream.ts'

const [first, second, third, fourth] = script(
  { type: 'run.start', spanId: 'r', name: 'run' },
  { type: 'agent.start', spanId: 'r', nodeName: 'run', nodeKind: 'agent' },
  { type: 'agent.event', spanId: 'r', name: 'progress', content: 'ü€😀' },
  { type: 'agent.event', spanId: 'r', name: 'progress', content: 2 },
) as [AgentEvent, AgentEvent, AgentEvent, AgentEvent]

let bridge: ScriptedBridge

beforeEach(async () => {
  bridge = await ScriptedBridge.open()
})

afterEach(async () => {
  vi.unstubAllGlobals()
  vi.useRealTimers()
  vi.restoreAllMocks()
  await bridge.close()
})

function client(options: ClientOptions = {}): Client {
  return createClient({ baseUrl: bridge.url, ...options })
}

async function all(stream: RunStream): Promise<(AgentEvent | StreamGap)[]> {
  const seen: (AgentEvent | StreamGap)[] = []
  for await (const event of stream) seen.push(event)
  return seen
}

test('events come in order, and a run that is over is not asked for again', async () => {
  const stream = client({ token: 't-1' }).events('run-1')
  const seen = all(stream)
  const { req } = await answered((exchange) => {
    exchange.stream(first, second).end('completed', 2)
  })

  expect(await seen).toEqual([first, second])
  expect([req.url, req.headers.accept, req.headers.authorization]).toEqual([
    '/api/agents/run-1/stream',
    'text/event-stream',
    'Bearer t-1',
  ])
  expect(stream.ended).toEqual({ type: 'stream.end', reason: 'completed', lastSeq: 2 })
  expect([stream.lastEventId, bridge.count]).toEqual(['ep.2', 1])
})

test('a connection that breaks is resumed after the last event, without repeats', async () => {
  const seen = all(client().events('run-1'))
  const one = await bridge.next()
  one.stream(first, second).res.write('id: ep.3\ndata: {"half')
  one.res.end()
  const two = await bridge.next()
  two.stream(third).res.end()
  const three = await bridge.next()
  three.stream(fourth).end('completed')

  expect(await seen).toEqual([first, second, third, fourth])
  expect([one, two, three].map(({ lastEventId }) => lastEventId)).toEqual([
    undefined,
    'ep.2',
    'ep.3',
  ])
})

test.each(['max-duration', 'too-slow', 'shutdown', 'disposed'] as const)(
  'a stream that ends as %s is resumed',
  async (reason) => {
    const seen = all(client().events('run-1'))
    const one = await bridge.next()
    one.stream(first).end(reason)
    const two = await bridge.next()
    two.stream(second).end('completed')

    expect(await seen).toEqual([first, second])
    expect(two.lastEventId).toBe('ep.1')
  },
)

test('204 is the end', async () => {
  const seen = all(client().events('run-1', { after: 'ep.9' }))
  const { req } = await answered(({ res }) => res.writeHead(204).end())

  expect(await seen).toEqual([])
  expect(req.url).toBe('/api/agents/run-1/stream?since=ep.9')
})

test.each([
  [400, 'invalid-since', HttpError],
  [401, 'unauthorized', AuthError],
  [403, 'host-not-allowed', AuthError],
  [404, 'run-not-found', RunNotFoundError],
  [410, 'run-gone', RunExpiredError],
])('%i is told as it is, at once', async (status, code, type) => {
  const seen = all(client().events('run-1')).catch((error: unknown) => error)
  await answered((exchange) => exchange.refuse(status, code))

  const error = await seen
  expect(error).toBeInstanceOf(type)
  expect(error).toMatchObject({ status, code, message: `Refused with ${code}.` })
  expect(bridge.count).toBe(1)
})

test.each([
  ['an answer of another type', (res) => res.setHeader('content-type', 'text/html').end('<p>')],
  [
    'what is no JSON',
    (res) => res.setHeader('content-type', 'text/event-stream').end('data: {\n\n'),
  ],
  [
    'what is no event',
    (res) =>
      res.setHeader('content-type', 'text/event-stream').end('data: {"type":"agent.end"}\n\n'),
  ],
] satisfies [string, (res: ServerResponse) => void][])(
  'a server that sends %s is no bridge',
  async (_, answer) => {
    const seen = all(client().events('run-1'))
    const rejected = expect(seen).rejects.toBeInstanceOf(ProtocolError)
    await answered(({ res }) => answer(res))

    await rejected
  },
)

test('a control record of a later version is passed over', async () => {
  const seen = all(client().events('run-1'))
  await answered((exchange) => {
    exchange.stream(first).res.write('data: {"type":"stream.weather"}\n\n')
    exchange.send(second).end('completed')
  })

  expect(await seen).toEqual([first, second])
})

describe('when the bridge is busy', () => {
  test.each([429, 500, 503, 408, 425])('%i is tried again', async (status) => {
    const seen = all(client({ retry: { baseMs: 1 } }).events('run-1'))
    await answered((exchange) => exchange.refuse(status, 'closing'))
    await answered((exchange) => exchange.stream(first).end('completed'))

    expect(await seen).toEqual([first])
  })

  test('waits are random below a limit that doubles, and no shorter than Retry-After', async () => {
    vi.useFakeTimers({ toFake: ['Date'] })
    vi.spyOn(Math, 'random').mockReturnValue(1)
    const waits: number[] = []
    const stream = client({ retry: { baseMs: 2, capMs: 8 } }).events('run-1', {
      onConnection: (connection) => {
        if (connection.state === 'reconnecting') waits.push(connection.nextAt - Date.now())
      },
    })
    const seen = all(stream)
    for (let i = 0; i < 5; i++) await answered((exchange) => exchange.refuse(503, 'closing'))
    await answered((exchange) => exchange.refuse(503, 'closing', { 'retry-after': '7' }))
    await vi.waitFor(() => expect(waits).toHaveLength(6))
    await stream.return()

    expect(await seen).toEqual([])
    expect(waits.slice(0, 5)).toEqual([2, 4, 8, 8, 8])
    expect(waits[5]).toBe(7000)
  })

  test('it is given up after as many tries in a row as are allowed', async () => {
    const stream = client({ retry: { baseMs: 1, capMs: 1, maxRetries: 2 } }).events('run-1')
    const seen = all(stream).catch((error: unknown) => error)
    await answered((exchange) => exchange.refuse(503, 'closing'))
    await answered((exchange) => exchange.stream(first).res.end())
    await answered((exchange) => exchange.refuse(503, 'closing'))
    await answered((exchange) => exchange.refuse(503, 'closing'))

    const error = await seen
    expect(error).toBeInstanceOf(StreamLostError)
    expect(error).toMatchObject({ cause: { status: 503 } })
    expect(bridge.count).toBe(4)
  })
})

test('a stream that is silent for too long counts as lost', async () => {
  const seen = all(client({ heartbeatTimeoutMs: 40 }).events('run-1'))
  const one = await bridge.next()
  one.stream(first)
  await one.closed
  await answered((exchange) => exchange.stream(second).end('completed'))

  expect(await seen).toEqual([first, second])
})

test('leaving the loop closes the connection', async () => {
  const stream = client().events('run-1')
  const exchange = bridge.next().then((one) => one.stream(first))
  for await (const event of stream) {
    expect(event).toEqual(first)
    break
  }

  await (await exchange).closed
})

test('an iterator that is closed while it waits is over', async () => {
  const stream = client().events('run-1')
  const pending = stream.next()
  const exchange = await bridge.next()
  await stream.return()

  expect(await pending).toEqual({ done: true, value: undefined })
  await exchange.closed
})

test('a signal ends it with its reason', async () => {
  const abort = new AbortController()
  const seen = all(client().events('run-1', { signal: abort.signal }))
  const exchange = await bridge.next()
  exchange.stream(first)
  const reason = new Error('enough')
  const rejected = expect(seen).rejects.toBe(reason)
  abort.abort(reason)

  await rejected
  await exchange.closed
})

test('a gap is data, or an error for those who want it so', async () => {
  const gap = { type: 'stream.gap', reason: 'overwritten', from: 2, to: 3 } as const
  const say = async (): Promise<unknown> =>
    answered((exchange) =>
      exchange.stream(first).control(gap, 'ep.3').send(fourth).end('completed'),
    )

  const data = all(client().events('run-1'))
  await say()
  expect(await data).toEqual([first, gap, fourth])

  const thrown = all(client().events('run-1', { onGap: 'throw' }))
  const rejected = expect(thrown).rejects.toBeInstanceOf(GapError)
  await say()
  await rejected
})

test('only the types that are asked for are given', async () => {
  const seen = all(client().events('run-1', { types: ['agent.event'] }))
  await answered((exchange) => exchange.stream(first, second, third).end('completed'))

  expect(await seen).toEqual([third])
})

describe('on a page', () => {
  test('a stream is given up 5 s after the page is hidden, and resumed when it is shown', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
    const page = stubPage()
    const connections: string[] = []
    const seen = all(
      client().events('run-1', { onConnection: ({ state }) => connections.push(state) }),
    )
    const one = await bridge.next()
    one.stream(first)
    await vi.waitFor(() => expect(connections).toEqual(['connecting', 'open']))

    page.turn('hidden')
    vi.advanceTimersByTime(4999)
    page.turn('visible')
    page.turn('hidden')
    vi.advanceTimersByTime(4999)
    expect(connections).toEqual(['connecting', 'open'])
    vi.advanceTimersByTime(1)
    await one.closed
    expect(connections.at(-1)).toBe('paused')
    page.turn('visible')
    const two = await bridge.next()
    two.stream(second).end('completed')

    expect(await seen).toEqual([first, second])
    expect(two.lastEventId).toBe('ep.1')
  })

  test('a try is made at once when the machine is on the network again', async () => {
    const page = stubPage()
    const connections: Connection[] = []
    const seen = all(
      client({ retry: { baseMs: 1e9, capMs: 1e9 } }).events('run-1', {
        onConnection: (connection) => {
          connections.push(connection)
        },
      }),
    )
    await answered((exchange) => exchange.refuse(503, 'closing'))
    await vi.waitFor(() => expect(connections.at(-1)).toMatchObject({ state: 'reconnecting' }))
    page.online()
    await answered((exchange) => exchange.stream(first).end('completed'))

    expect(await seen).toEqual([first])
  })
})

/** Gives the next request its answer. */
async function answered(answer: (exchange: Exchange) => unknown): Promise<Exchange> {
  const exchange = await bridge.next()
  answer(exchange)
  return exchange
}

/** As much of a page as the client looks at. */
function stubPage(): { turn(state: string): void; online(): void } {
  const document = Object.assign(new EventTarget(), { visibilityState: 'visible' })
  const window = new EventTarget()
  vi.stubGlobal('document', document)
  vi.stubGlobal('addEventListener', window.addEventListener.bind(window))
  vi.stubGlobal('removeEventListener', window.removeEventListener.bind(window))
  return {
    turn: (state) => {
      document.visibilityState = state
      document.dispatchEvent(new Event('visibilitychange'))
    },
    online: () => window.dispatchEvent(new Event('online')),
  }
}
