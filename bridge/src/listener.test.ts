import { once } from 'node:events'
import { createServer } from 'node:http'
import { type AddressInfo, connect } from 'node:net'
import { networkInterfaces } from 'node:os'
import { ObserverRegistry } from '@spancast/sdk'
import { afterEach, beforeAll, describe, expect, test, vi } from 'vitest'
import { type Bridge, createBridge } from './create-bridge.ts'
import type { BridgeOptions } from './options.ts'
import { HeldWorkflow } from './testing/held-workflow.ts'
import { observing } from './testing/observing.ts'
import { get, invoke } from './testing/post.ts'
import { rawRequest } from './testing/raw-request.ts'

const bridges: Bridge[] = []
beforeAll(observing)
afterEach(() => Promise.all(bridges.splice(0).map((bridge) => bridge.close())))

function made(options: BridgeOptions = {}): Bridge {
  const bridge = createBridge(options)
  bridges.push(bridge)
  return bridge
}

const OUTER = Object.values(networkInterfaces())
  .flatMap((list) => list ?? [])
  .find(({ internal, family }) => !internal && family === 'IPv4')?.address

describe('listen', () => {
  test('picks a free port for 0, and tells where it answers', async () => {
    const { url, port } = await made().listen(0)

    expect(port).toBeGreaterThan(0)
    expect(url).toBe(`http://127.0.0.1:${port}`)
    expect((await get(`${url}/healthz`)).status).toBe(200)
  })

  test('takes the port from its argument, else from the option', async () => {
    const first = await made({ port: 0 }).listen()
    await bridges[0]?.close()

    const second = await made({ port: 1 }).listen(first.port)

    expect(second.port).toBe(first.port)
  })

  test('binds to this machine alone', async () => {
    const { port } = await made().listen(0)

    const socket = connect(port, OUTER ?? '192.0.2.1')
    socket.setTimeout(1000, () => socket.destroy(new Error('no answer')))

    await expect(once(socket, 'connect')).rejects.toThrow()
  })

  test('names the port that is in use, and says what to do', async () => {
    const { port } = await made().listen(0)
    const second = made()

    const failure = await second.listen(port).catch((error: unknown) => error)

    expect(failure).toMatchObject({ code: 'EADDRINUSE' })
    expect(String(failure)).toContain(`port ${port} of 127.0.0.1`)
    expect(String(failure)).toContain('SPANCAST_PORT')
    expect((await second.listen(0)).port).not.toBe(port)
  })

  test.each(['0.0.0.0', '::', '192.0.2.1', 'example.com'])(
    'refuses to bind to %s without a token',
    async (host) => {
      await expect(made({ host }).listen(0)).rejects.toThrow(/Expected a `token` to listen on/)
    },
  )

  test.each(['localhost', '127.0.0.2', '::1'])('binds to %s without a token', async (host) => {
    const { url } = await made({ host }).listen(0)

    expect((await get(`${url}/readyz`)).status).toBe(200)
  })

  test('binds elsewhere with a token, or if insecure', async () => {
    for (const options of [{ token: 'secret-token' }, { insecure: true }]) {
      const { url } = await made({ host: '0.0.0.0', ...options }).listen(0)

      expect(url).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/)
      expect((await get(`${url}/healthz`)).status).toBe(200)
    }
  })

  test.each([-1, 65_536, 1.5, Number.NaN])('refuses the port %s', async (port) => {
    await expect(made().listen(port)).rejects.toThrow('Expected `port` to be a whole number')
  })

  test('a second time, or after close, is refused', async () => {
    const bridge = made()
    await bridge.listen(0)

    await expect(bridge.listen(0)).rejects.toThrow('this bridge listens')
    await bridge.close()
    await expect(bridge.listen(0)).rejects.toThrow('closed')
  })

  test('many bridges live in one process, each with its own runs', async () => {
    const registries = [new ObserverRegistry(), new ObserverRegistry()]
    registries[0]?.create('run-of-ada').emit({ type: 'agent.event', name: 'x', content: 1 })
    const [one, two] = await Promise.all(registries.map((registry) => made({ registry }).listen(0)))

    expect((await get(`${one?.url}/api/agents/run-of-ada`)).status).toBe(200)
    expect((await get(`${two?.url}/api/agents/run-of-ada`)).status).toBe(404)
  })
})

describe('what is no HTTP', () => {
  test.each([
    ['garbage', ['hello'], 400, 'invalid-http'],
    [
      'two lengths',
      ['POST / HTTP/1.1', 'Host: localhost', 'Content-Length: 1', 'Content-Length: 2'],
      400,
      'invalid-http',
    ],
    [
      'endless headers',
      ['GET / HTTP/1.1', 'Host: localhost', `X: ${'x'.repeat(20_000)}`],
      431,
      'headers-too-large',
    ],
  ])('%s is answered with a problem, and the connection ends', async (_, lines, status, code) => {
    const { port } = await made().listen(0)

    const answer = await rawRequest(port, lines)

    expect(answer.status).toBe(status)
    expect(answer.json().code).toBe(code)
    expect(answer.headers['content-type']).toBe('application/problem+json')
  })
})

describe('what is no HTTP behind a request', () => {
  test('ends the stream that is being answered, and writes nothing into it', async () => {
    const registry = new ObserverRegistry()
    registry.create('run-of-ada').emit({ type: 'agent.event', name: 'x', content: 1 })
    const { port } = await made({ registry }).listen(0)
    const socket = connect(port, '127.0.0.1')
    const parts: Buffer[] = []
    socket.on('data', (data) => {
      parts.push(data)
      if (String(data).includes('agent.event')) socket.write('no request at all\r\n\r\n')
    })
    socket.write('GET /api/agents/run-of-ada/stream HTTP/1.1\r\nHost: localhost\r\n\r\n')
    // How a reset shows at the other end differs between systems.
    socket.on('error', () => {})

    await new Promise((resolve) => socket.once('close', resolve))

    expect(String(Buffer.concat(parts)).match(/HTTP\/1\.1/g)).toHaveLength(1)
  })
})

describe('close', () => {
  test('ends streams with stream.end shutdown, and frees the port', async () => {
    const registry = new ObserverRegistry()
    registry.create('run-of-ada').emit({ type: 'agent.event', name: 'x', content: 1 })
    const bridge = made({ registry })
    const { url, port } = await bridge.listen(0)
    const stream = await fetch(`${url}/api/agents/run-of-ada/stream`)

    await bridge.close()

    expect(await stream.text()).toContain('"reason":"shutdown"')
    const successor = createServer().listen(port, '127.0.0.1')
    await once(successor, 'listening')
    successor.close()
  })

  test('cancels what was invoked here, and answers who waits for it', async () => {
    const work = new HeldWorkflow()
    const bridge = made({ workflows: { work } })
    const { url } = await bridge.listen(0)
    const waiting = invoke(url, { workflow: 'work', randomId: 'run-of-bob' })
    await fetch(`${url}/api/agents/run-of-bob/stream`)

    await bridge.close()

    expect(work.cancelled).toBe(1)
    expect((await waiting).body).toMatchObject({ code: 'workflow-failed', randomId: 'run-of-bob' })
    expect(ObserverRegistry.getInstance().get('run-of-bob')?.summary().status).toBe('cancelled')
  })

  test('is bounded although a workflow does not listen to its signal', async () => {
    const bridge = made({ workflows: { deaf: () => new Promise(() => {}) } })
    const { url } = await bridge.listen(0)
    const waiting = invoke(url, { workflow: 'deaf', randomId: 'run-of-eve' }).catch(() => 'cut')
    await fetch(`${url}/api/agents/run-of-eve/stream`)
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })

    const closed = bridge.close()
    await vi.advanceTimersByTimeAsync(5000)
    vi.useRealTimers()
    await closed

    expect(await waiting).toBe('cut')
  })

  test('does not wait for a connection that asks nothing', async () => {
    const bridge = made()
    const { url, port } = await bridge.listen(0)
    const silent = connect(port, '127.0.0.1')
    await once(silent, 'connect')
    await get(`${url}/healthz`)
    const before = performance.now()

    await bridge.close()

    expect(performance.now() - before).toBeLessThan(1000)
    silent.destroy()
  })

  test('waits for nothing when nothing is open', async () => {
    const bridge = made()
    const { url } = await bridge.listen(0)
    await get(`${url}/healthz`)
    const before = performance.now()

    await bridge.close()

    expect(performance.now() - before).toBeLessThan(1000)
  })

  test('twice, at once, before listen and during it is harmless', async () => {
    const bridge = made()
    const never = made()
    const hasty = made({ host: 'localhost' })
    await bridge.listen(0)
    const listening = hasty.listen(0)

    await Promise.all([bridge.close(), bridge.close(), never.close(), hasty.close()])
    await bridge.close()

    const { url } = await listening
    await expect(fetch(`${url}/healthz`)).rejects.toThrow()
  })

  test('of a mounted router refuses invokes with 503, turns readyz, and leaves the app alone', async () => {
    const bridge = made({ workflows: { work: () => ({}) } })
    const server = createServer((req, res) => {
      // What Express would hand over.
      Reflect.apply(bridge.router, undefined, [req, res])
    }).listen(0, '127.0.0.1')
    await once(server, 'listening')
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
    expect((await invoke(url, { workflow: 'work' })).status).toBe(200)

    await bridge.close()

    const refused = await invoke(url, { workflow: 'work' })
    expect([refused.status, refused.body.code]).toEqual([503, 'closing'])
    expect(refused.headers.get('retry-after')).not.toBeNull()
    expect(await get(`${url}/readyz`)).toMatchObject({ status: 503, body: { status: 'closing' } })
    expect((await get(`${url}/healthz`)).status).toBe(200)
    server.close().closeAllConnections()
  })
})
