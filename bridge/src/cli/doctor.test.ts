import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer, type RequestListener } from 'node:http'
import { type AddressInfo, createServer as createTcpServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { serving, spancast } from './testing/spancast.ts'

const TOKEN = 'kept-to-ourselves'

test('before there is a bridge it starts one for the checks, and finds all well', async () => {
  const { code, stdout, stderr } = await spancast(['doctor'], {
    SPANCAST_PORT: String(await freePort()),
  })

  expect(stderr).toBe('')
  expect(stdout.split('\n')).toEqual([
    expect.stringMatching(/^✔ Node [\d.]+ fits \(20\.19 or newer\)\.$/),
    expect.stringMatching(/^✔ Port \d+ is free; for these checks a bridge answers at http:/),
    '✔ It is ready.',
    '– No upstream is set: traces are passed on to nobody (--upstream, SPANCAST_UPSTREAM_URL).',
    expect.stringMatching(
      /^✔ A test span arrived on the stream of its run in \d+ ms \([\da-f]{32}\)\.$/,
    ),
    '',
  ])
  expect(code).toBe(0)
})

test('a running bridge is checked with its tokens, and so is its upstream', async () => {
  const upstream = await httpServer((request, response) => {
    request.resume()
    response.end('{}')
  })
  const env = { SPANCAST_TOKEN: TOKEN, SPANCAST_INGEST_TOKEN: `${TOKEN}-too` }
  const bridge = await serving([], env)

  const flags = ['doctor', '--url', `${bridge.url}/`, '--upstream', upstream]
  const { code, stdout } = await spancast(flags, env)

  expect(stdout).toContain(`✔ A bridge answers at ${bridge.url}.`)
  expect(stdout).toContain(`✔ The upstream ${upstream}/v1/traces takes traces.`)
  expect(stdout).toContain('✔ A test span arrived')
  expect(stdout).not.toContain(TOKEN)
  expect(code).toBe(0)
})

test('without the token it says what to set', async () => {
  const bridge = await serving([], { SPANCAST_TOKEN: TOKEN })

  const { code, stdout } = await spancast(['doctor', '--url', bridge.url])

  expect(stdout).toMatch(
    /✖ A test span was refused by \S+\/v1\/traces, HTTP 401: .* Set SPANCAST_TOKEN/,
  )
  expect(code).toBe(1)
})

test('a port that something else uses is told from a bridge', async () => {
  const web = await httpServer((_request, response) => {
    response.end('<h1>hello</h1>')
  })
  const { port: silent } = await tcpServer()

  const [overHttp, overTcp] = await Promise.all([
    spancast(['doctor', '--url', web]),
    spancast(['doctor'], { SPANCAST_PORT: String(silent) }),
  ])

  expect(overHttp.stdout).toContain(`✖ What answers at ${web} is no bridge (HTTP 200).`)
  expect(overHttp.stdout).toContain('choose another port with SPANCAST_PORT or --url')
  expect(overTcp.stdout).toMatch(/✖ What is at \S+ does not answer as a bridge: /)
  expect([overHttp.code, overTcp.code]).toEqual([1, 1])
})

test('an upstream that is away or takes no traces is told apart', async () => {
  const page = await httpServer((_request, response) => {
    response.writeHead(404).end()
  })
  const port = String(await freePort())

  const away = await spancast(['doctor', '--upstream', `http://127.0.0.1:${await freePort()}`], {
    SPANCAST_PORT: port,
  })
  const wrong = await spancast(['doctor'], { SPANCAST_PORT: port, SPANCAST_UPSTREAM_URL: page })

  expect(away.stdout).toMatch(/✖ The upstream \S+ cannot be reached: .*ECONNREFUSED/)
  expect(wrong.stdout).toContain(
    'refuses traces (HTTP 404). Give the base URL of its OTLP/HTTP receiver',
  )
  expect([away.code, wrong.code]).toEqual([1, 1])
})

test('an upstream that asks for a header gets it, from a variable or a file', async () => {
  const guarded = await httpServer(({ headers }, response) => {
    response.writeHead(headers.authorization === 'Bearer a,b' ? 200 : 401).end()
  })
  const folder = await mkdtemp(join(tmpdir(), 'spancast-'))
  onTestFinished(() => rm(folder, { recursive: true }))
  const file = join(folder, 'headers')
  await writeFile(file, 'authorization=Bearer%20a%2Cb\n')
  const doctor = async (headers: string, ...args: string[]) =>
    spancast(['doctor', ...args], {
      SPANCAST_PORT: String(await freePort()),
      SPANCAST_UPSTREAM_URL: guarded,
      SPANCAST_UPSTREAM_HEADERS: headers,
    })

  const [without, byVariable, byFile, wrong] = await Promise.all([
    doctor(''),
    doctor('authorization=Bearer%20a%2Cb'),
    doctor('', '--upstream-headers-file', file),
    doctor('secret'),
  ])

  expect(without.stdout).toContain('refuses traces (HTTP 401)')
  expect(byVariable.stdout).toContain(`✔ The upstream ${guarded}/v1/traces takes traces.`)
  expect(byFile.stdout).toContain(`✔ The upstream ${guarded}/v1/traces takes traces.`)
  expect(wrong.stderr).toContain('Expected SPANCAST_UPSTREAM_HEADERS to be headers such as')
  expect(wrong.stderr).not.toContain('secret')
}, 60_000)

test('a bridge that another machine should run is not started here', async () => {
  const other = await spancast(['doctor', '--url', 'http://bridge.invalid:4319'])
  const wrong = await spancast(['doctor', '--url', 'bridge.invalid'])

  expect(other.stdout).toMatch(/✖ .*bridge\.invalid/)
  expect(other.code).toBe(1)
  expect(wrong.code).toBe(2)
})

async function freePort(): Promise<number> {
  const { port, close } = await tcpServer()
  await close()
  return port
}

async function tcpServer(): Promise<{ readonly port: number; close(): Promise<void> }> {
  const server = createTcpServer((socket) => {
    socket
      .resume()
      .on('error', () => {})
      .end('220 mail.example.com\r\n')
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  const close = async (): Promise<void> => {
    if (server.listening) await once(server.close(), 'close')
  }
  onTestFinished(close)
  return { port, close }
}

async function httpServer(handler: RequestListener): Promise<string> {
  const server = createServer(handler)
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}
