import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { networkInterfaces } from 'node:os'
import { ObserverRegistry } from '@spancast/sdk'
import express, { type Express } from 'express'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { type Bridge, createBridge } from '../create-bridge.ts'
import type { BridgeOptions } from '../options.ts'
import { HeldWorkflow } from '../testing/held-workflow.ts'
import { OpenBridges } from '../testing/open-bridges.ts'
import { get, invoke, post } from '../testing/post.ts'
import { type RawResponse, rawGet, rawRequest } from '../testing/raw-request.ts'

const TOKEN = 'a-very-secret-token'
const BEARER = { Authorization: `Bearer ${TOKEN}` }
const RUN = 'run-of-ada'

const bridges = new OpenBridges()
const servers: Server[] = []
const mounted: Bridge[] = []
afterEach(async () => {
  vi.useRealTimers()
  for (const server of servers.splice(0)) server.close().closeAllConnections()
  await Promise.all([bridges.closeAll(), ...mounted.splice(0).map((bridge) => bridge.close())])
})

/** A registry with one run that is over. */
function withRun(): ObserverRegistry {
  const registry = new ObserverRegistry()
  const observer = registry.create(RUN)
  observer.emit({ type: 'agent.event', name: 'said', content: 'hello' })
  observer.life.finish({ status: 'ok', timestamp: Date.now() })
  return registry
}

function opened(
  options: BridgeOptions = {},
): Promise<{ url: string; port: number; bridge: Bridge }> {
  return bridges.open({ registry: withRun(), ...options })
}

/** The router in an app that listens on `host`. */
async function mount(
  options: BridgeOptions,
  { host = '127.0.0.1', app = express() }: { host?: string; app?: Express } = {},
): Promise<number> {
  const bridge = createBridge({ registry: withRun(), ...options })
  mounted.push(bridge)
  const server = createServer(app.use(bridge.router)).listen(0, host)
  servers.push(server)
  await once(server, 'listening')
  return (server.address() as AddressInfo).port
}

function refused({ status, json }: RawResponse): [number, unknown] {
  return [status, json().code]
}

/** An address of this machine that is not a loopback one, if it has any. */
const OUTER = Object.values(networkInterfaces())
  .flatMap((list) => list ?? [])
  .find(({ internal, family }) => !internal && family === 'IPv4')?.address

const GUARDED = [
  '/api/workflows',
  '/api/agents',
  '/api/agents/stream',
  `/api/agents/${RUN}`,
  '/api/namespaces/sales/stream',
  '/metrics',
]
const OF_RUN = [`/api/agents/${RUN}/stream`, `/api/agents/${RUN}/events`]
const POSTS = ['/api/workflow/invoke', `/api/agents/${RUN}/cancel`, `/api/agents/${RUN}/token`]

describe('with a token', () => {
  test.each([...GUARDED, ...OF_RUN])('%s asks for it', async (path) => {
    const { url } = await opened({ token: TOKEN })

    const without = await get(url + path)
    const wrong = await get(url + path, { Authorization: 'Bearer another' })
    const right = await fetch(url + path, { headers: BEARER })

    for (const { status, headers, body } of [without, wrong]) {
      expect([status, body.code]).toEqual([401, 'unauthorized'])
      expect(headers.get('www-authenticate')).toContain('Bearer')
      expect(headers.get('content-type')).toContain('application/problem+json')
    }
    expect(right.status).toBe(200)
    await right.body?.cancel()
  })

  test('what changes something asks for it, and changes nothing without', async () => {
    const work = new HeldWorkflow()
    work.release()
    const { url } = await opened({ token: TOKEN, workflows: { work } })
    const body = JSON.stringify({ workflow: 'work' })

    for (const path of POSTS) {
      expect((await post(url + path, body)).status).toBe(401)
    }
    expect(work.started).toBe(0)
    expect((await invoke(url, { workflow: 'work' }, BEARER)).status).toBe(200)
  })

  test.each(['a-very-secret-toke', 'a-very-secret-token2', 'A-VERY-SECRET-TOKEN', ''])(
    '%j is not it',
    async (guess) => {
      const { url } = await opened({ token: TOKEN })

      const { status } = await get(`${url}/api/agents`, { Authorization: `Bearer ${guess}` })

      expect(status).toBe(401)
    },
  )

  test.each([`Basic ${btoa(`x:${TOKEN}`)}`, TOKEN, `Bearer${TOKEN}`, `Bearer ${TOKEN} x`])(
    'Authorization: %s is no bearer token',
    async (authorization) => {
      const { url } = await opened({ token: TOKEN })

      expect((await get(`${url}/api/agents`, { Authorization: authorization })).status).toBe(401)
    },
  )

  test('the word Bearer may be written in any case', async () => {
    const { url } = await opened({ token: TOKEN })

    expect((await get(`${url}/api/agents`, { Authorization: `bearer ${TOKEN}` })).status).toBe(200)
  })

  test('it is not taken from the URL', async () => {
    const { url } = await opened({ token: TOKEN })

    for (const path of [...GUARDED, ...OF_RUN]) {
      expect((await get(`${url}${path}?token=${TOKEN}`)).status).toBe(401)
    }
  })

  test('it stands in no error', async () => {
    const { url } = await opened({ token: TOKEN })
    const { body: minted } = await post(`${url}/api/agents/${RUN}/token`, '', BEARER)

    for (const path of [...GUARDED, `/api/agents/other-run/events`]) {
      const { body } = await get(`${url}${path}?token=${minted.token}x`)
      expect(JSON.stringify(body)).not.toMatch(new RegExp(`${TOKEN}|${minted.token}`))
    }
    for (const token of ['two words', 'ünïcode', '']) {
      expect(() => createBridge({ token })).toThrow(
        /^Expected `token` to be visible ASCII.*, got an/,
      )
    }
  })

  test('health is open', async () => {
    const { port } = await opened({ token: TOKEN })

    for (const path of ['/healthz', '/readyz']) {
      const headers = { Host: 'evil.example', Origin: 'https://evil.example' }
      expect((await rawGet(port, path, headers)).status).toBe(200)
    }
  })
})

describe('a stream token', () => {
  test('is part of streamUrl, and opens the stream and the events of its run', async () => {
    const { url } = await opened({ token: TOKEN })

    const { body } = await post(`${url}/api/agents/${RUN}/token`, '', BEARER)

    expect(body).toEqual({
      token: expect.any(String),
      streamUrl: `/api/agents/${RUN}/stream?token=${body.token}`,
      expiresAt: expect.any(Number),
    })
    expect(Number(body.expiresAt) - Date.now()).toBeGreaterThan(3_590_000)
    expect(await (await fetch(url + body.streamUrl)).text()).toContain('hello')
    expect((await get(`${url}/api/agents/${RUN}/events?token=${body.token}`)).status).toBe(200)
    const asBearer = { Authorization: `Bearer ${body.token}` }
    expect((await get(`${url}/api/agents/${RUN}/events`, asBearer)).status).toBe(200)
  })

  test('comes with the 202 of an invoke', async () => {
    const { url } = await opened({ token: TOKEN, workflows: { work: () => ({}) } })
    const headers = { ...BEARER, Prefer: 'respond-async' }

    const { body } = await invoke(url, { workflow: 'work' }, headers)

    expect(body.streamUrl).toMatch(/\/stream\?token=[\w.-]+$/)
  })

  test('opens nothing but that', async () => {
    const { url, bridge } = await opened({ token: TOKEN })
    const token = bridge.streamToken(RUN)
    const asBearer = { Authorization: `Bearer ${token}` }

    for (const path of [
      ...GUARDED,
      '/api/agents/run-of-bob/stream',
      '/api/agents/run-of-bob/events',
    ]) {
      expect((await get(`${url}${path}?token=${token}`)).status).toBe(401)
      expect((await get(url + path, asBearer)).status).toBe(401)
    }
    for (const path of POSTS) {
      expect((await post(`${url}${path}?token=${token}`)).status).toBe(401)
      expect((await post(url + path, '', asBearer)).status).toBe(401)
    }
  })

  test('that has expired is 401 token-expired', async () => {
    const { url, bridge } = await opened({ token: TOKEN })
    const token = bridge.streamToken(RUN, { expiresInMs: 60_000 })
    vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + 60_001 })

    const { status, body } = await get(`${url}/api/agents/${RUN}/events?token=${token}`)

    expect([status, body.code]).toEqual([401, 'token-expired'])
  })

  test('is checked at the connect: a stream that is open outlives it', async () => {
    const registry = new ObserverRegistry()
    const observer = registry.create(RUN)
    observer.emit({ type: 'agent.event', name: 'said', content: 'hello' })
    const { url, bridge } = await opened({ token: TOKEN, registry })
    const token = bridge.streamToken(RUN, { expiresInMs: 60_000 })
    const stream = await fetch(`${url}/api/agents/${RUN}/stream?token=${token}`)

    vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + 60_001 })
    observer.emit({ type: 'agent.event', name: 'said', content: 'still here' })
    observer.life.finish({ status: 'ok', timestamp: Date.now() })

    expect(await stream.text()).toContain('still here')
  })

  test('is not needed with streamAuth id: the id is enough, for that run alone', async () => {
    const { url } = await opened({ token: TOKEN, streamAuth: 'id' })

    for (const path of OF_RUN) expect((await fetch(url + path)).status).toBe(200)
    for (const path of GUARDED) expect((await get(url + path)).status).toBe(401)
  })

  test.each(['short', 'a b c d e f g', '../../etc/passwd'])(
    'is not made for %j',
    async (randomId) => {
      const { bridge } = await opened({ token: TOKEN })

      expect(() => bridge.streamToken(randomId)).toThrow('randomId')
    },
  )
})

describe('without a token', () => {
  test('this machine is served', async () => {
    const { port } = await opened()

    for (const path of [...OF_RUN, '/api/agents', '/metrics']) {
      expect((await rawGet(port, path)).status).toBe(200)
    }
  })

  test.each([
    ['X-Forwarded-For', '203.0.113.7'],
    ['X-Forwarded-For', '127.0.0.1'],
    ['Forwarded', 'for=192.0.2.60'],
    ['Via', '1.1 proxy.example'],
    ['X-Real-IP', '203.0.113.7'],
  ])('a request that came through a proxy (%s) is refused', async (name, value) => {
    const { port } = await opened()
    const inApp = await mount({})

    for (const at of [port, inApp]) {
      expect(refused(await rawGet(at, '/api/agents', { [name]: value }))).toEqual([
        403,
        'loopback-only',
      ])
      expect((await rawGet(at, '/healthz', { [name]: value })).status).toBe(200)
    }
  })

  test('a proxy is refused even if it is trusted, but for insecure', async () => {
    const headers = { 'X-Forwarded-For': '203.0.113.7' }
    const trusting = await mount({ trustProxy: true })
    const insecure = await mount({ insecure: true })

    expect(refused(await rawGet(trusting, '/api/agents', headers))).toEqual([403, 'loopback-only'])
    expect((await rawGet(insecure, '/api/agents', headers)).status).toBe(200)
  })

  test.skipIf(OUTER === undefined)(
    'a peer from elsewhere is refused by a mounted router, but for insecure or with a token',
    async () => {
      const outer = String(OUTER)
      const closed = await mount({}, { host: outer })
      const insecure = await mount({ insecure: true }, { host: outer })
      const guarded = await mount({ token: TOKEN }, { host: outer })
      const from = { host: outer }

      expect(refused(await rawGet(closed, '/api/agents', {}, from))).toEqual([403, 'loopback-only'])
      expect(refused(await rawGet(closed, OF_RUN[0] ?? '', {}, from))).toEqual([
        403,
        'loopback-only',
      ])
      expect((await rawGet(closed, '/healthz', {}, from)).status).toBe(200)
      expect((await rawGet(insecure, '/api/agents', {}, from)).status).toBe(200)
      expect((await rawGet(guarded, '/api/agents', BEARER, from)).status).toBe(200)
    },
  )

  test.skipIf(OUTER === undefined)(
    'a stream token does not let a peer from elsewhere in',
    async () => {
      const bridge = createBridge({ registry: withRun() })
      mounted.push(bridge)
      const server = createServer(express().use(bridge.router)).listen(0, String(OUTER))
      servers.push(server)
      await once(server, 'listening')
      const { port } = server.address() as AddressInfo
      const path = `${OF_RUN[1]}?token=${bridge.streamToken(RUN)}`

      expect(refused(await rawGet(port, path, {}, { host: String(OUTER) }))).toEqual([
        403,
        'loopback-only',
      ])
    },
  )
})

describe('Host', () => {
  test.each([
    'localhost',
    'localhost:4319',
    'LOCALHOST',
    'localhost.',
    '127.0.0.1:80',
    '127.8.9.1',
    '[::1]:4319',
    'agents.localhost',
  ])('%s is served', async (host) => {
    const { port } = await opened()

    expect((await rawGet(port, '/api/agents', { Host: host })).status).toBe(200)
  })

  test.each([
    'evil.example',
    'evil.example:4319',
    'localhost.evil.example',
    'evil-localhost',
    '127.0.0.1.evil.example',
    '127.0.0.1@evil.example',
    '2130706433',
    '10.1.2.3',
    '',
  ])('%j is refused, on every route', async (host) => {
    const { port } = await opened()

    for (const path of [...GUARDED, ...OF_RUN]) {
      const answer = await rawGet(port, path, { Host: host })
      expect(refused(answer)).toEqual([403, 'host-not-allowed'])
    }
  })

  test('may be one of allowedHosts, or below one with a dot', async () => {
    const { port } = await opened({ allowedHosts: ['bridge.example', '.team.example', '10.1.2.3'] })
    const statusOf = async (host: string): Promise<number> =>
      (await rawGet(port, '/api/agents', { Host: host })).status

    expect(await statusOf('bridge.example:8080')).toBe(200)
    expect(await statusOf('Ada.Team.Example')).toBe(200)
    expect(await statusOf('team.example')).toBe(200)
    expect(await statusOf('10.1.2.3')).toBe(200)
    expect(await statusOf('localhost')).toBe(200)
    expect(await statusOf('x.bridge.example')).toBe(403)
    expect(await statusOf('evilteam.example')).toBe(403)
  })

  test('is not checked for a valid token, is for who only knows the id', async () => {
    const { port, bridge } = await opened({ token: TOKEN, streamAuth: 'id' })
    const evil = { Host: 'evil.example' }
    const [stream = ''] = OF_RUN

    expect((await rawGet(port, '/api/agents', { ...evil, ...BEARER })).status).toBe(200)
    const path = `${stream}?token=${bridge.streamToken(RUN)}`
    expect((await rawGet(port, path, evil)).status).toBe(200)
    expect(refused(await rawGet(port, stream, evil))).toEqual([403, 'host-not-allowed'])
  })

  test.skipIf(OUTER === undefined)('may be the address that was bound to', async () => {
    const outer = String(OUTER)
    const bridge = createBridge({ registry: withRun(), host: '0.0.0.0', insecure: true })
    mounted.push(bridge)
    const { port } = await bridge.listen(0)

    const own = await rawGet(port, '/api/agents', { Host: `${outer}:${port}` }, { host: outer })
    const other = await rawGet(port, '/api/agents', { Host: 'evil.example' }, { host: outer })

    expect(own.status).toBe(200)
    expect(refused(other)).toEqual([403, 'host-not-allowed'])
  })

  test('need not be sent over HTTP/1.0', async () => {
    const { port } = await opened()

    expect((await rawRequest(port, ['GET /api/agents HTTP/1.0'])).status).toBe(200)
  })
})

describe('Origin', () => {
  const APP = 'https://app.example'

  test('of the bridge itself is served, of any other page refused', async () => {
    const { port } = await opened()
    const ask = (Origin: string): Promise<RawResponse> =>
      rawGet(port, '/api/agents', { Host: `localhost:${port}`, Origin })

    expect((await ask(`http://localhost:${port}`)).status).toBe(200)
    for (const origin of [
      APP,
      'http://localhost:1',
      'http://localhost',
      'null',
      'file://',
      `ftp://localhost:${port}`,
    ]) {
      const answer = await ask(origin)
      expect(refused(answer)).toEqual([403, 'origin-not-allowed'])
      expect(answer.headers['access-control-allow-origin']).toBeUndefined()
    }
  })

  test('that is not allowed is refused even with a token, and starts nothing', async () => {
    const work = new HeldWorkflow()
    const { url } = await opened({ token: TOKEN, workflows: { work } })

    const { status, body } = await invoke(url, { workflow: 'work' }, { ...BEARER, Origin: APP })

    expect([status, body.code]).toEqual([403, 'origin-not-allowed'])
    expect(work.started).toBe(0)
  })

  test('of the allow-list may read answers, refusals too', async () => {
    const { url } = await opened({ token: TOKEN, corsOrigins: [APP] })

    for (const [path, headers] of [
      ['/api/agents', BEARER],
      [`/api/agents/${RUN}/stream`, BEARER],
      ['/api/agents', {}],
      ['/api/agents/run-of-bob', BEARER],
    ] as const) {
      const answer = await fetch(url + path, { headers: { ...headers, Origin: APP } })
      expect(answer.headers.get('access-control-allow-origin')).toBe(APP)
      expect(answer.headers.get('vary')).toContain('Origin')
      await answer.body?.cancel()
    }
    const other = await fetch(`${url}/api/agents`, { headers: { ...BEARER, Origin: `${APP}:444` } })
    expect(other.status).toBe(403)
  })

  test('of the allow-list may ask ahead, without a token, for what streams and invokes need', async () => {
    const { url } = await opened({ token: TOKEN, corsOrigins: [APP] })
    const ask = (origin: string): Promise<Response> =>
      fetch(`${url}/api/agents/${RUN}/stream`, {
        method: 'OPTIONS',
        headers: {
          Origin: origin,
          'Access-Control-Request-Method': 'GET',
          'Access-Control-Request-Headers': 'authorization,last-event-id',
        },
      })

    const allowed = await ask(APP)
    const refusal = await ask('https://evil.example')

    expect(allowed.status).toBe(204)
    expect(allowed.headers.get('access-control-allow-origin')).toBe(APP)
    expect(allowed.headers.get('access-control-allow-methods')).toContain('GET')
    for (const name of ['Last-Event-ID', 'Authorization', 'Content-Type', 'Prefer']) {
      expect(allowed.headers.get('access-control-allow-headers')).toContain(name)
    }
    expect(refusal.status).toBe(403)
    expect(refusal.headers.get('access-control-allow-origin')).toBeNull()
  })

  test.each([
    '*',
    'null',
    'https://app.example/',
    'https://app.example/x',
    'app.example',
    'https://*.example',
  ])('%s cannot be put on the allow-list', (origin) => {
    expect(() => createBridge({ corsOrigins: [origin] })).toThrow('corsOrigins')
  })
})

describe('trustProxy', () => {
  const limits = { maxStreamsPerClient: 1 }
  const [, EVENTS = ''] = OF_RUN

  /** How many of three streams from two forwarded addresses are let in. */
  async function streamsOf(port: number): Promise<number[]> {
    const open = (address: string): Promise<Response> =>
      fetch(`http://127.0.0.1:${port}/api/namespaces/sales/stream`, {
        headers: { 'X-Forwarded-For': address, ...BEARER },
      })
    const answers = [
      await open('203.0.113.1'),
      await open('203.0.113.1'),
      await open('203.0.113.2'),
    ]
    for (const { body } of answers) await body?.cancel()
    return answers.map(({ status }) => status)
  }

  test('decides whose address counts for the limit per client', async () => {
    expect(await streamsOf(await mount({ token: TOKEN, limits }))).toEqual([200, 429, 429])
    expect(await streamsOf(await mount({ token: TOKEN, limits, trustProxy: true }))).toEqual([
      200, 429, 200,
    ])
  })

  test('is taken over from the app that the router is mounted in, unless it is given', async () => {
    const trusting = (): Express => express().set('trust proxy', true)

    expect(await streamsOf(await mount({ token: TOKEN, limits }, { app: trusting() }))).toEqual([
      200, 429, 200,
    ])
    const own = await mount({ token: TOKEN, limits, trustProxy: false }, { app: trusting() })
    expect(await streamsOf(own)).toEqual([200, 429, 429])
  })

  test('counts a client once, however its proxy writes the address', async () => {
    const port = await mount({ token: TOKEN, limits, trustProxy: true })
    const open = (address: string): Promise<Response> =>
      fetch(`http://127.0.0.1:${port}/api/namespaces/sales/stream`, {
        headers: { 'X-Forwarded-For': address, ...BEARER },
      })

    const first = await open('203.0.113.1:50001')
    const again = await open('203.0.113.1:50002')
    await first.body?.cancel()

    expect([first.status, again.status]).toEqual([200, 429])
  })

  test('that names no address is refused when the bridge is made', () => {
    expect(() => createBridge({ trustProxy: 'not an address' })).toThrow('trustProxy')
  })

  test('lets a page through a trusted proxy be one of ours', async () => {
    const port = await mount({ token: TOKEN, trustProxy: true })
    const headers = {
      'X-Forwarded-Host': 'bridge.example',
      Origin: 'https://bridge.example',
      ...BEARER,
    }

    expect((await rawGet(port, EVENTS, headers)).status).toBe(200)
  })
})

test('every answer forbids guessing types, framing and referrers', async () => {
  const { url } = await opened()

  for (const path of ['/api/agents', '/healthz', `/api/agents/${RUN}/stream`, '/api/agents/x']) {
    const { headers, body } = await fetch(url + path)
    expect(headers.get('x-content-type-options')).toBe('nosniff')
    expect(headers.get('referrer-policy')).toBe('no-referrer')
    expect(headers.get('content-security-policy')).toContain("frame-ancestors 'none'")
    expect(headers.get('x-powered-by')).toBeNull()
    await body?.cancel()
  }
})
