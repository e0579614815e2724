import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { type ClientHttp2Stream, connect } from 'node:http2'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, onTestFinished, test } from 'vitest'
import { serving } from '../bridge/src/cli/testing/spancast.ts'
import { RedisServer, redisMissing } from '../bridge/src/store/testing/redis-server.ts'
import { caddy } from './proxies/caddy.ts'
import { nginx } from './proxies/nginx.ts'

const RUN = 'run-by-proxy'
const WAIT = { timeout: 20_000, interval: 10 }

describe.each([nginx, caddy])(
  'through $name',
  ({ name, missing: proxyMissing, triesAnother, start }) => {
    const missing = redisMissing ?? proxyMissing
    if (missing !== undefined) {
      process.stderr.write(
        `\n!!! ${missing} is missing: streaming through ${name} is NOT tested.\n\n`,
      )
    }

    test.skipIf(missing !== undefined)(
      'events arrive one by one over HTTP/2, from either bridge, for as long as somebody reads',
      { timeout: 60_000 },
      async () => {
        const redis = await RedisServer.open()
        onTestFinished(() => redis.close())
        const args = ['--redis-url', redis.url, '--insecure', '--allowed-hosts', 'localhost']
        const bridges = await Promise.all([serving(args), serving(args)])
        const dir = await mkdtemp(join(tmpdir(), 'spancast-proxy-'))
        const url = await start(
          bridges.map((bridge) => new URL(bridge.url).host),
          dir,
        )
        onTestFinished(() => rm(dir, { recursive: true, force: true }))
        const session = connect(url, { rejectUnauthorized: false })
        onTestFinished(() => session.destroy())
        await once(session, 'connect')

        // Each is answered by one of the two bridges; more than six over one connection.
        const streams = Array.from({ length: 8 }, () => {
          const stream = session.request({ ':path': `/api/agents/${RUN}/stream?wait=30` })
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
        const first = await sendEvent(url, 4)
        expect(triesAnother ? [200] : [200, 502]).toContain(first)
        // As every sender of OTLP does.
        if (first !== 200) await expect.poll(() => sendEvent(url, 4), WAIT).toBe(200)
        const later = session.request({ ':path': `/api/agents/${RUN}/stream` })
        const text = textOf(later)
        await expect.poll(() => text().includes('"content":4'), WAIT).toBe(true)
        expect(text().match(/^id: /gm)).toHaveLength(5)

        // Who has left is not streamed to behind the proxy's back.
        session.destroy()
        await expect.poll(() => openStreams(bridges[1].url), WAIT).toBe(0)
      },
    )
  },
)

async function openStreams(url: string): Promise<number> {
  const metrics = await (await fetch(`${url}/metrics`)).text()
  return Number(/^spancast_open_streams (\d+)$/m.exec(metrics)?.[1])
}

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
    { key: 'spancast.run.id', value: { stringValue: RUN } },
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
