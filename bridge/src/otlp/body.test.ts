import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import { type AddressInfo, connect, type Socket } from 'node:net'
import { gzipSync } from 'node:zlib'
import express from 'express'
import { afterEach, describe, expect, test } from 'vitest'
import { type ReadBodyOptions, type RequestBody, readBody } from './body.ts'
import { BodyRefused } from './body-refused.ts'
import { ByteBudget } from './byte-budget.ts'

const closers: (() => Promise<void>)[] = []

afterEach(async () => {
  for (const close of closers.splice(0)) await close()
})

test('a plain body is read as it is', async () => {
  const { url, bodies } = await serve()

  await post(url, Buffer.from('hello'))

  expect(bodies[0]).toMatchObject({
    raw: Buffer.from('hello'),
    inflated: Buffer.from('hello'),
    contentEncoding: undefined,
  })
})

test.each([
  ['small', Buffer.from('hello')],
  ['nothing', Buffer.alloc(0)],
  ['larger than is inflated on the spot', Buffer.alloc(3 * 1024 * 1024, 'hello ')],
  ['hard to compress', noise(300_000)],
])('a body of gzip is kept as it came, and inflated: %s', async (_, content) => {
  const { url, bodies } = await serve()
  const sent = gzipSync(content)

  await post(url, sent, { 'content-encoding': 'GZIP' })

  expect(bodies[0]?.raw.equals(sent)).toBe(true)
  expect(bodies[0]?.inflated.equals(content)).toBe(true)
  expect(bodies[0]?.contentEncoding).toBe('gzip')
})

test('a body without a length, in very many pieces, is read whole', async () => {
  const { port, bodies } = await serve()
  const socket = await open(port)

  socket.write('POST / HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n')
  socket.write(`${'1\r\na\r\n'.repeat(50_000)}0\r\n\r\n`)
  await once(socket, 'data')

  expect(bodies[0]?.raw.equals(Buffer.alloc(50_000, 'a'))).toBe(true)
  expect(bodies[0]?.raw.buffer.byteLength).toBeLessThan(60_000)
})

test.each(['deflate', 'br', 'zstd', 'gzip, gzip'])(
  'a body of coding %s is refused',
  async (coding) => {
    const { url } = await serve()

    const answer = await post(url, Buffer.from('x'), { 'content-encoding': coding })

    expect(answer.status).toBe(415)
  },
)

test('a body that says identity is plain', async () => {
  const { url, bodies } = await serve()

  await post(url, Buffer.from('x'), { 'content-encoding': 'identity' })

  expect(bodies[0]?.contentEncoding).toBe(undefined)
})

describe('limits', () => {
  test('a body of exactly the limit is taken, one byte more is not', async () => {
    const { url } = await serve({ maxBytes: 1000 })

    expect((await post(url, Buffer.alloc(1000))).status).toBe(200)
    expect((await post(url, Buffer.alloc(1001))).status).toBe(413)
    expect((await post(url, gzipSync(Buffer.alloc(1000)), GZIP)).status).toBe(200)
    expect((await post(url, gzipSync(Buffer.alloc(1001)), GZIP)).status).toBe(413)
  })

  test('a body that hides its length is cut at the limit, and the connection serves on', async () => {
    const { port } = await serve({ maxBytes: 1000 })
    const socket = await open(port)
    const piece = `3e8\r\n${'x'.repeat(1000)}\r\n`

    socket.write('POST / HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n')
    socket.write(`${piece}1\r\nx\r\n0\r\n\r\n`)
    const refused = String((await once(socket, 'data'))[0])
    socket.write('POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1\r\n\r\nx')
    const taken = String((await once(socket, 'data'))[0])

    expect([refused, taken].map((answer) => answer.slice(9, 12))).toEqual(['413', '200'])
  })

  test('a sender that goes on and on after the refusal is cut off', async () => {
    const { port } = await serve({ maxBytes: 1000 })
    const socket = await open(port)
    socket.on('error', () => {})

    socket.write('POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100000000\r\n\r\n')
    const endless = setInterval(() => socket.write(Buffer.alloc(20_000)), 1)
    await new Promise((resolve) => socket.on('close', resolve))
    clearInterval(endless)

    expect(socket.destroyed).toBe(true)
  })

  test.each([
    ['small', 900_000],
    ['large', 100_000_000],
  ])('a bomb is cut at the limit: %s', async (_, bytes) => {
    const budget = new ByteBudget(1_000_000)
    const { url } = await serve({ maxBytes: 500_000, budget })

    const answer = await post(url, gzipSync(Buffer.alloc(bytes)), GZIP)

    expect(answer.status).toBe(413)
    expect(budget.used).toBe(0)
  })

  test('a bomb that the limit allows but the budget does not is cut at the budget', async () => {
    const budget = new ByteBudget(2_000_000)
    const { url } = await serve({ maxBytes: 50_000_000, budget })

    const answer = await post(url, gzipSync(Buffer.alloc(40_000_000)), GZIP)

    expect(answer.status).toBe(503)
    expect(budget.used).toBe(0)
  })

  test('the budget is shared, and a body that finds no room is to come again soon', async () => {
    const budget = new ByteBudget(1500)
    const { url, bodies } = await serve({ budget })

    const first = await post(url, Buffer.alloc(1000))
    const second = await post(url, Buffer.alloc(1000))
    bodies[0]?.release()
    bodies[0]?.release()
    const third = await post(url, Buffer.alloc(1000))

    expect([first.status, second.status, third.status]).toEqual([200, 503, 200])
    expect(second.headers.get('retry-after')).toBe('1')
    expect(budget.used).toBe(1000)
  })

  test('a compressed body pays for both of its forms', async () => {
    const budget = new ByteBudget(10_000)
    const { url, bodies } = await serve({ budget })
    const sent = gzipSync(Buffer.alloc(5000))

    await post(url, sent, GZIP)

    expect(budget.used).toBe(5000 + sent.length)
    bodies[0]?.release()
    expect(budget.used).toBe(0)
  })

  test('a sender that trickles is answered when its time is over', async () => {
    const budget = new ByteBudget(10_000)
    const { port } = await serve({ timeoutMs: 40, budget })
    const socket = await open(port)

    socket.write('POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100\r\n\r\n')
    const trickle = setInterval(() => socket.write('x'), 5)
    const answer = String((await once(socket, 'data'))[0])
    clearInterval(trickle)

    expect(answer).toMatch(/^HTTP\/1.1 408 /)
    expect(answer).toMatch(/connection: close/i)
    expect(budget.used).toBe(0)
  })

  test('a sender that goes away leaves nothing behind', async () => {
    const budget = new ByteBudget(10_000)
    const { port, failures } = await serve({ budget })
    const socket = await open(port)

    socket.write('POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100\r\n\r\nsome')
    await until(() => budget.used === 4)
    socket.destroy()
    await until(() => failures.length === 1)

    expect(failures[0]).toMatchObject({ status: 400 })
    expect(budget.used).toBe(0)
  })
})

test.each([
  ['no gzip', Buffer.from('hello')],
  ['nothing', Buffer.alloc(0)],
  ['half of a small one', gzipSync('hello').subarray(0, 20)],
  ['half of a large one', gzipSync(noise(300_000)).subarray(0, 200_000)],
])('a body that says gzip and is %s is refused', async (_, body) => {
  const budget = new ByteBudget(10_000_000)
  const { url } = await serve({ budget })

  expect((await post(url, body, GZIP)).status).toBe(400)
  expect(budget.used).toBe(0)
})

describe('behind a body parser of the app', () => {
  test('JSON that was parsed is written again', async () => {
    const { url, bodies } = await serve({}, express.json())

    await post(url, Buffer.from('{ "resourceSpans": [] }'), { 'content-type': 'application/json' })

    expect(String(bodies[0]?.inflated)).toBe('{"resourceSpans":[]}')
  })

  test('bytes that were inflated are taken so', async () => {
    const { url, bodies } = await serve({}, express.raw({ type: () => true }))

    await post(url, gzipSync('hello'), GZIP)

    expect(String(bodies[0]?.raw)).toBe('hello')
    expect(bodies[0]?.contentEncoding).toBe(undefined)
  })

  test('a body that went elsewhere is an error of the app', async () => {
    const { url } = await serve({}, (req, _, next) => {
      req.on('end', () => next()).resume()
    })

    expect((await post(url, Buffer.from('x'))).status).toBe(500)
  })
})

const GZIP = { 'content-encoding': 'gzip' }

/** Reads the bodies that are sent to it, and keeps them. */
async function serve(
  options: Partial<ReadBodyOptions> = {},
  before: express.RequestHandler = (_req, _res, next) => next(),
) {
  const bodies: RequestBody[] = []
  const failures: unknown[] = []
  const all = {
    maxBytes: 64 * 1024 * 1024,
    timeoutMs: 10_000,
    budget: new ByteBudget(256 * 1024 * 1024),
    ...options,
  }
  const app = express().use(before, async (req, res) => {
    try {
      bodies.push(await readBody(req, all))
      res.send('taken')
    } catch (error) {
      failures.push(error)
      if (!(error instanceof BodyRefused)) throw error
      if (error.close) res.setHeader('Connection', 'close')
      if (error.retryAfterSeconds !== undefined) {
        res.setHeader('Retry-After', String(error.retryAfterSeconds))
      }
      res.status(error.status).send(error.message)
    }
  })
  const server = createServer(app)
  const port = await listen(server)
  return { url: `http://127.0.0.1:${port}/`, port, bodies, failures }
}

async function listen(server: Server): Promise<number> {
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  closers.push(async () => {
    server.closeAllConnections()
    server.close()
    await once(server, 'close')
  })
  // A server that listens on a port has an address with one.
  return (server.address() as AddressInfo).port
}

function post(url: string, body: Buffer, headers: Record<string, string> = {}): Promise<Response> {
  return fetch(url, { method: 'POST', body: new Uint8Array(body), headers })
}

async function open(port: number): Promise<Socket> {
  const socket = connect(port, '127.0.0.1')
  await once(socket, 'connect')
  closers.push(async () => {
    socket.destroy()
  })
  return socket
}

async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await new Promise(setImmediate)
}

/** Bytes that gzip makes nothing of, the same ones every time. */
function noise(bytes: number): Buffer {
  const all = Buffer.alloc(bytes)
  let state = 1
  for (let i = 0; i < bytes; i++) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) | 0
    all[i] = state >>> 24
  }
  return all
}
