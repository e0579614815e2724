import { once } from 'node:events'
import { mkdtemp, writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import { type AddressInfo, createServer as createTcpServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { serving, spancast } from './testing/spancast.ts'

const SECRET = 'kept-from-every-log'

test('it says where it listens, and SIGTERM ends it with 0', async () => {
  const bridge = await serving()

  const health = await fetch(`${bridge.url}/healthz`)
  const { code } = await bridge.stop('SIGTERM')

  expect(bridge.url).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/)
  expect(health.status).toBe(200)
  expect(code).toBe(0)
  expect(bridge.log.map(({ msg }) => msg)).toEqual([
    'Listening.',
    'Traces are passed on to nobody: there is no --upstream.',
    'Stopping.',
    'Stopped.',
  ])
})

test('SIGINT ends it with 130, and open streams are told of the shutdown', async () => {
  const bridge = await serving()
  const stream = await fetch(`${bridge.url}/api/agents/stream`)

  const { code } = await bridge.stop('SIGINT')

  expect(await stream.text()).toContain('"type":"stream.end","reason":"shutdown"')
  expect(code).toBe(130)
})

test('what waits for the upstream is sent before it ends', async () => {
  const upstream = await slowUpstream()
  const bridge = await serving(['--upstream', upstream.url])
  const sent = await fetch(`${bridge.url}/v1/traces`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: '{"resourceSpans":[]}',
  })
  await upstream.asked

  const stopped = bridge.stop()
  await logged(bridge.log, 'Stopping.')
  upstream.release()

  expect(sent.status).toBe(200)
  expect((await stopped).code).toBe(0)
  expect(upstream.answered()).toBe(1)
})

test('a second signal ends it at once', async () => {
  const upstream = await slowUpstream()
  const bridge = await serving(['--upstream', upstream.url])
  await fetch(`${bridge.url}/v1/traces`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: '{"resourceSpans":[]}',
  })
  await upstream.asked
  bridge.process.kill('SIGINT')
  await logged(bridge.log, 'Stopping.')

  const { code } = await bridge.stop('SIGINT')

  expect(code).toBe(130)
  expect(upstream.answered()).toBe(0)
})

test('limits come from variables, and flags win over them', async () => {
  const env = { SPANCAST_MAX_STREAMS: '5', SPANCAST_MAX_OTLP_BYTES: '10' }
  const bridge = await serving(['--max-streams', '1'], env)
  const first = await fetch(`${bridge.url}/api/agents/stream`)

  const second = await fetch(`${bridge.url}/api/agents/stream`)
  const large = await fetch(`${bridge.url}/v1/traces`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: '{"resourceSpans":[]}',
  })

  expect([first.status, second.status, large.status]).toEqual([200, 429, 413])
  await first.body?.cancel()
})

test('tokens come from variables and files, guard the bridge, and are in no log', async () => {
  const file = join(await mkdtemp(join(tmpdir(), 'spancast-')), 'token')
  await writeFile(file, `${SECRET}\n`)
  const upstream = `http://someone:${SECRET}@127.0.0.1:9`
  const bridge = await serving(
    ['--token-file', file, '--upstream', upstream, '--log-level', 'trace'],
    {
      SPANCAST_INGEST_TOKEN: `${SECRET}-too`,
    },
  )

  const refused = await fetch(`${bridge.url}/api/agents`)
  const allowed = await fetch(`${bridge.url}/api/agents`, {
    headers: { authorization: `Bearer ${SECRET}` },
  })
  const ingest = await fetch(`${bridge.url}/v1/traces`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${SECRET}-too` },
    body: '{"resourceSpans":[]}',
  })
  await logged(bridge.log, 'Passing traces on.')
  bridge.process.kill('SIGKILL')

  expect([refused.status, allowed.status, ingest.status]).toEqual([401, 200, 200])
  expect(JSON.stringify(bridge.log)).not.toContain(SECRET)
})

test('an upstream that is away is told in the log', async () => {
  const bridge = await serving(['--upstream', 'http://127.0.0.1:9'])
  await fetch(`${bridge.url}/v1/traces`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: '{"resourceSpans":[]}',
  })

  await expect
    .poll(() => bridge.log.find(({ type }) => type === 'upstream.unreachable'), { timeout: 10_000 })
    .toMatchObject({ level: 'warn', queuedRequests: 1 })
})

test('a Redis that is away is told in the log, without what is secret, and is not ready', async () => {
  const redis = `redis://me:${SECRET}@127.0.0.1:${await closedPort()}/2`
  const bridge = await serving([], { SPANCAST_REDIS_URL: redis })

  await expect
    .poll(() => bridge.log.map(({ msg }) => msg), { timeout: 15_000 })
    .toContainEqual(expect.stringMatching(/^The store does not answer \(.*ECONNREFUSED/))
  expect((await fetch(`${bridge.url}/readyz`)).status).toBe(503)
  expect(bridge.log).toContainEqual(
    expect.objectContaining({ redis: redis.replace(`me:${SECRET}@`, '') }),
  )
  expect(JSON.stringify(bridge.log)).not.toContain(SECRET)
  expect((await bridge.stop()).code).toBe(0)
})

test('a password of Redis is no flag, since others could read it', async () => {
  const { code, stderr } = await spancast(['serve', '--redis-url', `redis://:${SECRET}@localhost`])

  expect(code).toBe(2)
  expect(stderr).toContain('SPANCAST_REDIS_URL')
  expect(stderr).not.toContain(SECRET)
})

test('without a token it serves this machine only, unless told that something else guards it', async () => {
  const refused = await spancast(['serve', '--host', '0.0.0.0', '--port', '0'])
  const bridge = await serving(['--host', '0.0.0.0', '--insecure'])

  await logged(bridge.log, /whoever reaches this address can read all runs/)
  expect(refused.code).toBe(2)
  expect(refused.stderr).toContain('SPANCAST_TOKEN')
  expect(bridge.log.at(-1)).toMatchObject({ level: 'warn', host: '0.0.0.0' })
})

test('a port in use is one clear line, and ends it with 1', async () => {
  const server = createTcpServer().listen(0, '127.0.0.1')
  onTestFinished(() => void server.close())
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo

  const { code, stderr } = await spancast(['serve', '--port', String(port), '--log', 'text'])

  expect(stderr).toMatch(/^\d\d:\d\d:\d\d fatal Expected port \d+ of 127\.0\.0\.1 to be free/)
  expect(stderr.trimEnd().split('\n')).toHaveLength(1)
  expect(code).toBe(1)
})

test('SPANCAST_LOG_LEVEL says how much is logged', async () => {
  const { port } = new URL((await serving()).url)

  const silent = await spancast(['serve', '--port', port], { SPANCAST_LOG_LEVEL: 'silent' })
  const unknown = await spancast(['serve'], { SPANCAST_LOG_LEVEL: 'loud' })

  expect(silent).toEqual({ code: 1, stdout: '', stderr: '' })
  expect(unknown.code).toBe(2)
  expect(unknown.stderr).toContain('Expected SPANCAST_LOG_LEVEL to be one of trace, debug, info')
})

async function logged(
  log: readonly Readonly<Record<string, unknown>>[],
  message: string | RegExp,
): Promise<void> {
  const isSaid = (msg: unknown): boolean =>
    typeof message === 'string' ? msg === message : message.test(String(msg))
  await expect.poll(() => log.some(({ msg }) => isSaid(msg)), { timeout: 10_000 }).toBe(true)
}

/** An OTLP receiver that answers when it is let. */
async function slowUpstream(): Promise<{
  readonly url: string
  readonly asked: Promise<unknown>
  release(): void
  answered(): number
}> {
  let answered = 0
  let release = (): void => {}
  const released = new Promise<void>((resolve) => {
    release = resolve
  })
  const server = createServer(async (request, response) => {
    request.resume()
    await released
    answered++
    response.end('{}')
  })
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  const asked = once(server, 'request')
  return { url: `http://127.0.0.1:${port}`, asked, release, answered: () => answered }
}

/** A port of this machine that refuses connections. */
async function closedPort(): Promise<number> {
  const server = createTcpServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  await once(server, 'close')
  return port
}
