import { once } from 'node:events'
import { createServer, type ServerResponse } from 'node:http'
import { type AddressInfo, connect } from 'node:net'
import { gzipSync } from 'node:zlib'
import { ObserverRegistry } from '@spancast/sdk'
import express from 'express'
import { afterEach, describe, expect, onTestFinished, test, vi } from 'vitest'
import { createBridge } from '../create-bridge.ts'
import { UpstreamServer } from '../forward/testing/upstream-server.ts'
import type { BridgeOptions } from '../options.ts'
import type { OtlpEncoding } from '../otlp/otlp-encoding.ts'
import { makeSpan, type SpanSpec, traceRequest } from '../otlp/testing/make-spans.ts'
import { readStatus, readSuccess } from '../otlp/testing/read-response.ts'
import { writeTraces } from '../otlp/testing/write-request.ts'
import { type OpenBridge, OpenBridges } from '../testing/open-bridges.ts'

const TYPES = { json: 'application/json', protobuf: 'application/x-protobuf' } as const
const ENCODINGS: readonly OtlpEncoding[] = ['json', 'protobuf']
const AGENT = { 'gen_ai.operation.name': 'invoke_agent', 'gen_ai.agent.name': 'Planner' }
const TRACE = 'a'.repeat(32)
const MIB = 1024 * 1024

const bridges = new OpenBridges()
const upstreams: UpstreamServer[] = []
afterEach(async () => {
  // The bridges first: what they still have to pass on would wait for an upstream that is gone.
  await bridges.closeAll()
  await Promise.all(upstreams.splice(0).map((upstream) => upstream.stop()))
})

function opened(options: BridgeOptions = {}): Promise<OpenBridge> {
  return bridges.open({ registry: new ObserverRegistry(), ...options })
}

async function upstream(): Promise<UpstreamServer> {
  const server = await UpstreamServer.open()
  upstreams.push(server)
  return server
}

interface Answer {
  readonly status: number
  readonly headers: Headers
  readonly body: Buffer
}

async function send(
  url: string,
  body: Uint8Array,
  headers: Readonly<Record<string, string>>,
  path = '/v1/traces',
): Promise<Answer> {
  const response = await fetch(url + path, { method: 'POST', body, headers })
  const { status } = response
  return { status, headers: response.headers, body: Buffer.from(await response.arrayBuffer()) }
}

function sendAs(
  encoding: OtlpEncoding,
  url: string,
  body: Uint8Array,
  more: Readonly<Record<string, string>> = {},
): Promise<Answer> {
  return send(url, body, { 'Content-Type': TYPES[encoding], ...more })
}

/** The message of a refusal, which has to be a google.rpc.Status in that encoding. */
function statusIn(
  encoding: OtlpEncoding,
  { headers, body }: Answer,
): { code?: number; message?: string } {
  expect(headers.get('content-type')).toBe(TYPES[encoding])
  return encoding === 'json' ? JSON.parse(body.toString()) : readStatus(body)
}

function agentRequest(encoding: OtlpEncoding): Buffer {
  return traceRequest(encoding, [makeSpan({ traceId: TRACE, attributes: AGENT })])
}

async function eventTypes(url: string): Promise<string[]> {
  const response = await fetch(`${url}/api/agents/${TRACE}/events`)
  if (response.status !== 200) return []
  const { events } = (await response.json()) as { events: { type: string }[] }
  return events.map(({ type }) => type)
}

const FIRST = '1'.repeat(32)
const LAST = '2'.repeat(32)

/** A request of about so many bytes: an agent's span, then many that concern no agent, then an agent's. */
function bodyOf(encoding: OtlpEncoding, bytes: number): Buffer {
  const isJson = encoding === 'json'
  const of = (...specs: SpanSpec[]): Buffer => {
    const body = traceRequest(encoding, specs.map(makeSpan))
    // Requests of protobuf are one behind each other; of those in JSON, their groups are.
    return isJson ? Buffer.from(JSON.stringify(JSON.parse(body.toString()).resourceSpans[0])) : body
  }
  const others = of(
    ...Array.from({ length: 1000 }, () => ({ attributes: { 'http.request.method': 'GET' } })),
  )
  const many = new Array<Buffer>(Math.floor(bytes / others.length)).fill(others)
  const parts = [
    of({ traceId: FIRST, attributes: AGENT }),
    ...many,
    of({ traceId: LAST, attributes: AGENT }),
  ]
  const comma = Buffer.from(',')
  return isJson
    ? Buffer.concat([
        Buffer.from('{"resourceSpans":['),
        ...parts.flatMap((part, at) => (at === 0 ? [part] : [comma, part])),
        Buffer.from(']}'),
      ])
    : Buffer.concat(parts)
}

async function textArrives(response: Response, text: string): Promise<void> {
  let all = ''
  for await (const part of response.body ?? []) {
    all += Buffer.from(part).toString()
    if (all.includes(text)) return
  }
}

describe.each(ENCODINGS)('spans in %s', (encoding) => {
  test.each([false, true])(
    'become live events, and the answer is empty (gzip: %s)',
    async (gzip) => {
      const { url } = await opened()
      const body = agentRequest(encoding)

      const answer = gzip
        ? await sendAs(encoding, url, gzipSync(body), { 'Content-Encoding': 'gzip' })
        : await sendAs(encoding, url, body)

      expect(answer.status).toBe(200)
      expect(answer.headers.get('content-type')).toBe(TYPES[encoding])
      expect(answer.body.toString()).toBe(encoding === 'json' ? '{}' : '')
      expect(await eventTypes(url)).toEqual(['run.start', 'agent.start', 'agent.end'])
    },
  )

  test('none at all are welcome too', async () => {
    const { url } = await opened()

    const { status } = await sendAs(encoding, url, Buffer.from(encoding === 'json' ? '{}' : ''))

    expect(status).toBe(200)
  })

  test('without valid ids are left out, and the sender is told how many', async () => {
    const { url } = await opened()
    const body = writeTraces(encoding, [
      {
        spans: [
          { traceId: TRACE, spanId: 'b'.repeat(16), attributes: operation('invoke_agent') },
          { traceId: '0'.repeat(32), spanId: 'c'.repeat(16) },
          { traceId: TRACE, spanId: 'abcd' },
        ],
      },
    ])

    const { status, body: told } = await sendAs(encoding, url, body)

    expect(status).toBe(200)
    const message = 'Spans without valid ids were left out.'
    if (encoding === 'json') {
      expect(JSON.parse(told.toString())).toEqual({
        partialSuccess: { rejectedSpans: '2', errorMessage: message },
      })
    } else expect(readSuccess(told)).toEqual({ rejected: 2, errorMessage: message })
    expect(await eventTypes(url)).toEqual(['run.start', 'agent.start', 'agent.end'])
  })

  test.each([
    ['bytes that are no request', Buffer.from('{"resourceSpans": [{')],
    ['bytes that are nothing', Buffer.from([0xff, 0xff, 0xff])],
  ])('that are not well-formed are refused and not passed on: %s', async (_, body) => {
    const server = await upstream()
    const { url } = await opened({ upstreamUrl: server.url })

    const good = agentRequest(encoding)
    const answer = await sendAs(encoding, url, body)
    await sendAs(encoding, url, good)
    await server.untilReceived(1)

    expect(answer.status).toBe(400)
    expect(statusIn(encoding, answer)).toMatchObject({ code: 3, message: expect.any(String) })
    expect(server.received.map((request) => request.body)).toEqual([good])
  })

  test('that say gzip and are none are refused', async () => {
    const { url } = await opened()

    const answer = await sendAs(encoding, url, agentRequest(encoding), {
      'Content-Encoding': 'gzip',
    })

    expect(answer.status).toBe(400)
    expect(statusIn(encoding, answer).message).toContain('gzip')
  })

  test('that are too large are refused, inflated too', async () => {
    const { url } = await opened({ limits: { maxOtlpBytes: MIB } })

    const plain = await sendAs(encoding, url, Buffer.alloc(MIB + 1, ' '))
    const bomb = gzipSync(Buffer.alloc(64 * MIB, ' '))
    const inflated = await sendAs(encoding, url, bomb, { 'Content-Encoding': 'gzip' })
    const after = await sendAs(encoding, url, agentRequest(encoding))

    expect([plain.status, inflated.status, after.status]).toEqual([413, 413, 200])
    expect(statusIn(encoding, plain)).toMatchObject({ code: 8 })
    expect(statusIn(encoding, inflated).message).toContain('maxOtlpBytes')
  })

  test('in another compression than gzip are refused', async () => {
    const { url } = await opened()

    const answer = await sendAs(encoding, url, agentRequest(encoding), { 'Content-Encoding': 'br' })

    expect(answer.status).toBe(415)
    expect(statusIn(encoding, answer).message).toContain('gzip')
  })

  test('are asked to come again when more is under way than the bridge may hold', async () => {
    const { url } = await opened({ limits: { maxIngestBytes: 10 } })

    const answer = await sendAs(encoding, url, agentRequest(encoding))

    expect([answer.status, answer.headers.get('retry-after')]).toEqual([503, '1'])
    expect(statusIn(encoding, answer)).toMatchObject({ code: 14 })
  })

  test('are asked to come again when the queue for the upstream is full', async () => {
    const server = await upstream()
    const held: ServerResponse[] = []
    server.answer = (res) => held.push(res)
    const { url } = await opened({ upstreamUrl: server.url, limits: { maxQueueBytes: 1500 } })
    const body = agentRequest(encoding)
    await sendAs(encoding, url, body)

    const answer = await sendAs(encoding, url, body)
    const large = traceRequest(encoding, [makeSpan({ name: 'x'.repeat(3000) })])
    const never = await sendAs(encoding, url, large)

    expect([answer.status, answer.headers.get('retry-after')]).toEqual([503, '1'])
    expect(statusIn(encoding, answer).message).toContain('maxQueueBytes')
    expect(never.status).toBe(413)
    // The live view has them all the same, once.
    expect(await eventTypes(url)).toEqual(['run.start', 'agent.start', 'agent.end'])
    server.answer = (res) => res.end()
    await server.untilReceived(1)
    for (const res of held) res.end()
  })

  test('ask for the token of senders where there is one', async () => {
    const { url } = await opened({ token: 'the-token-of-all', ingestToken: 'the-token-of-senders' })
    const body = agentRequest(encoding)

    const none = await sendAs(encoding, url, body)
    const wrong = await sendAs(encoding, url, body, { Authorization: 'Bearer the-token-of-all' })
    const right = await sendAs(encoding, url, body, {
      Authorization: 'Bearer the-token-of-senders',
    })

    expect([none.status, wrong.status, right.status]).toEqual([401, 401, 200])
    expect(statusIn(encoding, none)).toMatchObject({ code: 16 })
    expect(none.headers.get('www-authenticate')).toContain('Bearer')
  })

  test('are passed on as they came, with what is not understood in them', async () => {
    const server = await upstream()
    // What has come through a proxy is refused by a bridge that is open to its own machine alone.
    const { url } = await opened({ upstreamUrl: server.url, insecure: true })
    const strange =
      encoding === 'json'
        ? Buffer.from(
            JSON.stringify({ ...JSON.parse(agentRequest('json').toString()), later: [1] }),
          )
        : Buffer.concat([agentRequest('protobuf'), Buffer.from([0x9a, 0x06, 0x02, 0x08, 0x01])])
    const zipped = gzipSync(strange)

    const answer = await send(url, zipped, {
      'Content-Type': `${TYPES[encoding]}; charset=utf-8`,
      'Content-Encoding': 'gzip',
      Via: '1.1 proxy',
    })
    await server.untilReceived(1)

    expect(answer.status).toBe(200)
    const [got] = server.received
    expect(got?.path).toBe('/v1/traces')
    expect(got?.body.equals(zipped)).toBe(true)
    expect(got?.headers).toMatchObject({
      'content-type': `${TYPES[encoding]}; charset=utf-8`,
      'content-encoding': 'gzip',
      via: expect.stringMatching(/^1\.1 proxy, 1\.1 spancast\/[0-9a-f]+$/),
    })
    expect(await eventTypes(url)).toEqual(['run.start', 'agent.start', 'agent.end'])
  })
})

describe('a bridge', () => {
  test('refuses other types than those of OTLP', async () => {
    const { url } = await opened()

    const text = await send(url, Buffer.from('{}'), { 'Content-Type': 'text/plain' })
    const none = await send(url, Buffer.from('{}'), { 'Content-Type': '' })

    expect([text.status, none.status]).toEqual([415, 415])
    expect(statusIn('json', text).message).toContain('application/x-protobuf')
  })

  test('gives a body no longer than it may take, and serves others meanwhile', async () => {
    const { url, port } = await opened({ limits: { bodyTimeoutMs: 200 } })
    const slow = connect(port, '127.0.0.1')
    const head = ['POST /v1/traces HTTP/1.1', 'Host: localhost', 'Content-Length: 100']
    slow.write([...head, 'Content-Type: application/json', '', '{'].join('\r\n'))

    const other = await sendAs('json', url, agentRequest('json'))
    const [answer] = (await once(slow, 'data')) as [Buffer]
    await once(slow, 'close')

    expect(other.status).toBe(200)
    expect(answer.toString()).toMatch(/^HTTP\/1\.1 408 /)
    expect(answer.toString()).toContain('bodyTimeoutMs')
  })

  test('names its instance to senders, another one after each start', async () => {
    const [one, two] = [await opened(), await opened()]
    const ask = async ({ url }: OpenBridge): Promise<(string | null)[]> => {
      const answers = [
        await sendAs('json', url, Buffer.from('{}')),
        await send(url, Buffer.from('{}'), { 'Content-Type': TYPES.json }, '/v1/logs'),
        await sendAs('json', url, Buffer.from('{')),
      ]
      return answers.map(({ headers }) => headers.get('spancast-instance'))
    }

    const first = await ask(one)

    expect(new Set(first).size).toBe(1)
    expect(first[0]).toMatch(/^[0-9a-f]{16}$/)
    expect((await ask(two))[0]).not.toBe(first[0])
  })

  test('takes logs and metrics of others, which it does not keep', async () => {
    const { url } = await opened()
    const logs = {
      resourceLogs: [{ scopeLogs: [{ logRecords: [{ body: { stringValue: 'x' } }] }] }],
    }
    const type = { 'Content-Type': TYPES.json }

    const answers = [
      await send(url, Buffer.from(JSON.stringify(logs)), type, '/v1/logs'),
      await send(url, Buffer.from('{}'), type, '/v1/metrics'),
      await send(url, Buffer.from('[1]'), type, '/v1/logs'),
    ]

    expect(answers.map(({ status }) => status)).toEqual([200, 200, 400])
    const metrics = await (await fetch(`${url}/metrics`)).text()
    expect(metrics).toContain('what="other log record"} 1')
    expect(metrics).toContain('what="metrics request"} 1')
  })

  test('answers other methods, and pages of elsewhere, in the words of OTLP', async () => {
    const { url } = await opened()
    const origin = { 'Content-Type': TYPES.protobuf, Origin: 'https://evil.example' }

    const got = await fetch(`${url}/v1/traces`)
    const foreign = await send(url, agentRequest('protobuf'), origin)

    expect([got.status, got.headers.get('allow')]).toEqual([405, 'POST, OPTIONS'])
    expect(await got.json()).toMatchObject({ code: 12 })
    expect(foreign.status).toBe(403)
    expect(statusIn('protobuf', foreign)).toMatchObject({ code: 7 })
  })

  test('without a token takes spans of this machine only, addressed to it by name', async () => {
    const { url, port } = await opened()
    const proxied = await sendAs('json', url, agentRequest('json'), {
      'X-Forwarded-For': '10.0.0.1',
    })
    const socket = connect(port, '127.0.0.1')
    const head = ['POST /v1/traces HTTP/1.1', 'Host: evil.example', 'Content-Length: 2']
    socket.write(
      [...head, 'Content-Type: application/json', 'Connection: close', '', '{}'].join('\r\n'),
    )
    const [rebound] = (await once(socket, 'data')) as [Buffer]

    expect(proxied.status).toBe(403)
    expect(rebound.toString()).toMatch(/^HTTP\/1\.1 403 /)
    expect(await eventTypes(url)).toEqual([])
  })

  test('shows spans at once, however long its upstream is away', async () => {
    const server = await upstream()
    const { url } = await opened({ upstreamUrl: server.url })
    await server.stop()

    const { status } = await sendAs('json', url, agentRequest('json'))

    expect(status).toBe(200)
    expect(await eventTypes(url)).toEqual(['run.start', 'agent.start', 'agent.end'])
    await server.start()
    await server.untilReceived(1)
  })

  test('passes on what it could not show', async () => {
    const server = await upstream()
    const registry = new ObserverRegistry()
    vi.spyOn(registry, 'create').mockImplementation(() => {
      throw new Error('a defect')
    })
    const warnings: Error[] = []
    const hear = (warning: Error): unknown => warnings.push(warning)
    process.on('warning', hear)
    onTestFinished(() => {
      process.off('warning', hear)
    })
    const { url } = await opened({ upstreamUrl: server.url, registry })

    const { status } = await sendAs('protobuf', url, agentRequest('protobuf'))
    await server.untilReceived(1)

    expect(status).toBe(200)
    expect(warnings).toContainEqual(expect.objectContaining({ code: 'SPANCAST_FOLD_FAILED' }))
    const metrics = await (await fetch(`${url}/metrics`)).text()
    expect(metrics).toContain('spancast_otlp_skipped_total{what="failed to be shown"} 1')
  })

  test.each(ENCODINGS)('serves its readers while it takes 60 MiB of %s', async (encoding) => {
    const registry = new ObserverRegistry()
    const { url } = await opened({ registry })
    const told: string[] = []
    const other = registry.create('run-of-others')
    other.emit({ type: 'run.start', name: 'other' })
    const reader = await fetch(`${url}/api/agents/run-of-others/stream`)
    const arrived = textArrives(reader, 'meanwhile').then(() => told.push('a reader was served'))
    registry.listen({
      appended: ({ randomId }, { type }) => {
        if (type !== 'run.start') return
        told.push(randomId)
        // The next turn of the loop, which a body that is folded in one go does not give.
        if (randomId === FIRST) {
          setImmediate(() => other.emit({ type: 'agent.event', name: 'meanwhile', content: 1 }))
        }
      },
    })

    const answer = await sendAs(encoding, url, bodyOf(encoding, 60 * MIB))
    await arrived

    expect(answer.status).toBe(200)
    expect(told).toEqual([FIRST, 'a reader was served', LAST])
  })

  test('that is its own upstream passes a request on once', async () => {
    const server = await upstream()
    const { url } = await opened({ upstreamUrl: server.url, insecure: true })
    const body = agentRequest('json')
    await sendAs('json', url, body)
    await server.untilReceived(1)
    const via = server.received[0]?.headers.via ?? ''

    const again = await sendAs('json', url, body, { Via: via })
    await sendAs('json', url, Buffer.from('{"resourceSpans":[]}'))
    await server.untilReceived(2)

    expect(again.status).toBe(200)
    expect(server.bodies).toEqual([body.toString(), '{"resourceSpans":[]}'])
  })

  test('passes on to another bridge of this machine, open or with a token, each span once', async () => {
    const last = await upstream()
    const guarded = await opened({
      upstreamUrl: last.url,
      token: 'the-bridges-own',
      ingestToken: 'of-senders',
    })
    const upstreamHeaders = { authorization: 'Bearer of-senders' }
    const open = await opened({ upstreamUrl: guarded.url, upstreamHeaders })
    const { url } = await opened({ upstreamUrl: open.url })
    const body = agentRequest('json')

    expect((await sendAs('json', url, body)).status).toBe(200)
    await last.untilReceived(1)

    expect(last.bodies).toEqual([body.toString()])
    expect(last.received[0]?.headers.via).toMatch(/^1\.1 spancast\/\w+(, 1\.1 spancast\/\w+){2}$/)
    expect(last.received[0]?.headers.authorization).toBeUndefined()
    expect(await eventTypes(open.url)).toEqual(['run.start', 'agent.start', 'agent.end'])
  })

  test.each([
    ['through a proxy behind a bridge', '/v1/traces', { Via: '1.1 spancast/a1, 1.1 proxy' }],
    ['for others, says a bridge', '/v1/traces', { Via: '1.1 spancast/a1', 'X-Real-IP': '9.9.9.9' }],
    ['for what no bridge asks', '/api/agents', { Via: '1.1 spancast/a1' }],
  ])('that is open to its own machine refuses requests %s', async (_, path, headers) => {
    const { url } = await opened()

    const answer =
      path === '/api/agents'
        ? await fetch(url + path, { headers })
        : await sendAs('json', url, agentRequest('json'), headers)

    expect(answer.status).toBe(403)
  })

  test('that closes asks senders to come again', async () => {
    const bridge = createBridge({ registry: new ObserverRegistry() })
    const server = createServer(express().use(bridge.router)).listen(0, '127.0.0.1')
    await once(server, 'listening')
    const { port } = server.address() as AddressInfo
    await bridge.close()

    const answer = await sendAs('json', `http://127.0.0.1:${port}`, agentRequest('json'))
    server.close().closeAllConnections()

    expect([answer.status, answer.headers.get('retry-after')]).toEqual([503, '1'])
    expect(statusIn('json', answer)).toMatchObject({ code: 14 })
  })
})

function operation(name: string) {
  return [{ key: 'gen_ai.operation.name', value: { stringValue: name } }]
}
