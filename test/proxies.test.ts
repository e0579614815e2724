import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { type ClientHttp2Stream, connect } from 'node:http2'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, onTestFinished, test } from 'vitest'
import { serving } from '../bridge/src/cli/testing/spancast.ts'
import { RedisServer, redisMissing } from '../bridge/src/store/testing/redis-server.ts'

const DEPLOY = fileURLToPath(new URL('../deploy/nginx', import.meta.url))
const WAIT = { timeout: 20_000, interval: 10 }
const nginxMissing = isThere('nginx', '-v') && isThere('openssl', 'version') ? undefined : 'nginx'
const missing = redisMissing ?? nginxMissing
if (missing !== undefined) {
  process.stderr.write(`\n!!! ${missing} is missing: streaming through nginx is NOT tested.\n\n`)
}

test.skipIf(missing !== undefined)(
  'through the nginx of the scale profile, events arrive one by one over HTTP/2, from either bridge',
  { timeout: 60_000 },
  async () => {
    const redis = await RedisServer.open()
    onTestFinished(() => redis.close())
    const args = ['--redis-url', redis.url, '--insecure', '--allowed-hosts', 'localhost']
    const bridges = await Promise.all([serving(args), serving(args)])
    const url = await startNginx(bridges.map((bridge) => new URL(bridge.url).host))
    const session = connect(url, { rejectUnauthorized: false })
    onTestFinished(() => session.destroy())
    await once(session, 'connect')

    // Each is answered by one of the two bridges in turn; more than six over one connection.
    const streams = Array.from({ length: 8 }, () => {
      const stream = session.request({ ':path': '/api/agents/run-by-nginx/stream?wait=30' })
      return { stream, text: textOf(stream) }
    })
    for (let seq = 1; seq <= 3; seq++) {
      expect(await sendEvent(url, seq)).toBe(200)
      // The next is sent only when this one was seen by all: nothing on the way holds it back.
      await expect
        .poll(() => streams.every(({ text }) => text().includes(`"content":${seq}`)), WAIT)
        .toBe(true)
    }
    await bridges[0].stop('SIGKILL')

    expect(session.alpnProtocol).toBe('h2')
    expect(await sendEvent(url, 4)).toBe(200)
    const later = session.request({ ':path': '/api/agents/run-by-nginx/stream' })
    const text = textOf(later)
    await expect.poll(() => text().includes('"content":4'), WAIT).toBe(true)
    expect(text().match(/^id: /gm)).toHaveLength(5)
  },
)

function textOf(stream: ClientHttp2Stream): () => string {
  let text = ''
  stream.setEncoding('utf8')
  stream.on('data', (part: string) => {
    text += part
  })
  // A bridge that is killed takes its streams with it.
  stream.on('error', () => {})
  return () => text
}

async function sendEvent(url: string, seq: number): Promise<number> {
  const traceId = 'd'.repeat(32)
  const event = {
    type: 'agent.event',
    name: 'step',
    content: seq,
    nodeId: 'node',
    timestamp: Date.now(),
    traceId,
    spanId: 'e'.repeat(16),
  }
  const attributes = [
    { key: 'spancast.run.id', value: { stringValue: 'run-by-nginx' } },
    { key: 'spancast.source.id', value: { stringValue: 'test' } },
    { key: 'spancast.source.seq', value: { intValue: String(seq) } },
    { key: 'spancast.version', value: { intValue: '1' } },
    { key: 'spancast.event', value: { stringValue: JSON.stringify(event) } },
  ]
  const body = JSON.stringify({ resourceLogs: [{ scopeLogs: [{ logRecords: [{ attributes }] }] }] })
  const session = connect(url, { rejectUnauthorized: false })
  const request = session.request({
    ':method': 'POST',
    ':path': '/v1/logs',
    'content-type': 'application/json',
  })
  request.end(body)
  const [headers] = (await once(request, 'response')) as [{ ':status'?: number }]
  session.destroy()
  return headers[':status'] ?? 0
}

/** The file of the repository, with other addresses and ports. */
async function startNginx(hosts: readonly string[]): Promise<string> {
  const dir = await mkdtemp(join(tmpdir(), 'spancast-nginx-'))
  const certificate = join(dir, 'certificate')
  await mkdir(certificate)
  execFileSync(join(DEPLOY, 'certificate.sh'), {
    env: { ...process.env, CERTIFICATE_DIR: certificate },
  })
  const port = await freePort()
  const file = await readFile(join(DEPLOY, 'nginx.conf'), 'utf8')
  const conf = file
    .replace('bridge-a:4319', hosts[0] ?? '')
    .replace('bridge-b:4319', hosts[1] ?? '')
    .replace('listen 8443', `listen 127.0.0.1:${port}`)
    .replaceAll('/etc/nginx/certificate', certificate)
    .replace('worker_processes auto', 'worker_processes 1')
    .replace('/dev/stdout', join(dir, 'access.log'))
    .replace(
      'http {',
      `http {\n  client_body_temp_path ${dir};\n  proxy_temp_path ${dir};\n  fastcgi_temp_path ${dir};\n  uwsgi_temp_path ${dir};\n  scgi_temp_path ${dir};`,
    )
  await writeFile(join(dir, 'nginx.conf'), conf)
  const options = ['-p', dir, '-c', join(dir, 'nginx.conf'), '-e', join(dir, 'error.log')]
  const pid = ['-g', `daemon off; pid ${join(dir, 'nginx.pid')};`]
  const child: ChildProcess = spawn('nginx', [...options, ...pid], { stdio: 'ignore' })
  onTestFinished(async () => {
    const ended = once(child, 'exit')
    child.kill('SIGTERM')
    await ended
    await rm(dir, { recursive: true, force: true })
  })
  const url = `https://localhost:${port}`
  await expect.poll(() => listens(port), { timeout: 10_000, interval: 20 }).toBe(true)
  return url
}

async function listens(port: number): Promise<boolean> {
  const session = connect(`https://localhost:${port}`, { rejectUnauthorized: false })
  session.on('error', () => {})
  const connected = await Promise.race([
    once(session, 'connect').then(
      () => true,
      () => false,
    ),
    once(session, 'close').then(() => false),
  ])
  session.destroy()
  return connected
}

async function freePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  await new Promise((resolve) => server.close(resolve))
  if (address === null || typeof address === 'string') throw new Error('No port was given.')
  return address.port
}

function isThere(program: string, argument: string): boolean {
  try {
    execFileSync(program, [argument], { stdio: 'ignore' })
    return true
  } catch {
    return false
  }
}
