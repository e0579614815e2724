import { once } from 'node:events'
import { createServer } from 'node:http'
import { type AddressInfo, connect } from 'node:net'
import { gzipSync } from 'node:zlib'
import { createRandomId, emit, ObserverRegistry, observeRun } from '@spancast/sdk'
import express from 'express'
import fc from 'fast-check'
import { afterEach, beforeAll, describe, expect, test } from 'vitest'
import { createBridge } from '../create-bridge.ts'
import { BRIDGE_ERROR_CODES } from '../errors.ts'
import { HeldWorkflow } from '../testing/held-workflow.ts'
import { observing } from '../testing/observing.ts'
import { OpenBridges } from '../testing/open-bridges.ts'
import { get, invoke, post } from '../testing/post.ts'
import { rawRequest } from '../testing/raw-request.ts'

const bridges = new OpenBridges()
const registry = ObserverRegistry.getInstance()
beforeAll(observing)
afterEach(() => bridges.closeAll())

const ASYNC = { Prefer: 'respond-async' }

/** The run's events once it is over. */
async function whole(url: string, streamUrl: unknown): Promise<string> {
  return (await fetch(`${url}${String(streamUrl)}`)).text()
}

describe('the answer', () => {
  test.each([
    ['an object', { a: 1, b: [2] }, { a: 1, b: [2] }],
    ['an array', [1, 2], { result: [1, 2] }],
    ['a text', 'hello', { result: 'hello' }],
    ['null', null, { result: null }],
    ['nothing', undefined, { result: null }],
    ['a date', new Date(0), { result: '1970-01-01T00:00:00.000Z' }],
    ['an object with an id of its own', { randomId: 'mine', x: 1 }, { x: 1 }],
  ])('of a workflow that returns %s says it, and its randomId', async (_, returned, expected) => {
    const { url } = await bridges.open({ workflows: { work: async () => returned } })

    const { status, body } = await invoke(url, { workflow: 'work' })

    expect(status).toBe(200)
    expect(body).toEqual({ ...expected, randomId: expect.stringMatching(/^[0-9a-f]{32}$/) })
  })

  test('of a workflow that streams text is the whole text, and the run is over with it', async () => {
    async function* stream(): AsyncGenerator<string> {
      yield 'Hello, '
      yield 'world'
    }
    const { url } = await bridges.open({ workflows: { stream } })

    const { body } = await invoke(url, { workflow: 'stream' })

    expect(body.result).toBe('Hello, world')
    expect((await get(`${url}/api/agents/${body.randomId}`)).body.status).toBe('ok')
  })

  test('of a workflow that yields other values is a list of them', async () => {
    function* pieces(): Generator<unknown> {
      yield { n: 1 }
      yield 'two'
    }
    const { url } = await bridges.open({ workflows: { pieces } })

    expect((await invoke(url, { workflow: 'pieces' })).body.result).toEqual([{ n: 1 }, 'two'])
  })

  test('of one that cannot be JSON is 500 result-not-json with the randomId', async () => {
    const { url } = await bridges.open({ workflows: { big: () => ({ n: 1n }) } })

    const { status, body } = await invoke(url, { workflow: 'big' })

    expect(status).toBe(500)
    expect(body).toMatchObject({ code: 'result-not-json', randomId: expect.any(String) })
  })

  test('of a failing one is 500 workflow-failed with its randomId, and keeps the error to the events', async () => {
    const { url } = await bridges.open({
      workflows: {
        bad: () => {
          throw new TypeError('no such planet')
        },
      },
    })

    const { status, headers, body } = await invoke(url, { workflow: 'bad' })

    expect(status).toBe(500)
    expect(headers.get('content-type')).toContain('application/problem+json')
    expect(body).toMatchObject({ code: 'workflow-failed', status: 500 })
    expect(JSON.stringify(body)).not.toContain('planet')
    const { body: page } = await get(`${url}/api/agents/${body.randomId}/events`)
    expect((page.events as unknown[]).at(-1)).toMatchObject({
      type: 'run.end',
      status: 'error',
      error: { type: 'TypeError', message: 'no such planet' },
    })
  })

  test('comes at once with Prefer: respond-async, and its streamUrl shows the run', async () => {
    const work = new HeldWorkflow()
    const { url } = await bridges.open({ workflows: { work } })

    const { status, headers, body } = await invoke(
      url,
      { workflow: 'work' },
      { Prefer: 'wait=9, Respond-Async' },
    )
    work.release()

    expect(status).toBe(202)
    expect(headers.get('preference-applied')).toBe('respond-async')
    expect(headers.get('location')).toBe(`/api/agents/${body.randomId}`)
    expect(Object.keys(body).sort()).toEqual(['randomId', 'streamUrl'])
    expect(await whole(url, body.streamUrl)).toContain('"type":"run.end"')
  })

  test('to respond-async is 202 for a workflow that then fails', async () => {
    const { url } = await bridges.open({
      workflows: { bad: () => Promise.reject(new Error('no')) },
    })

    const { status, body } = await invoke(url, { workflow: 'bad' }, ASYNC)

    expect(status).toBe(202)
    expect(await whole(url, body.streamUrl)).toContain('"status":"error"')
  })
})

describe('the run', () => {
  test('has the id that was asked for, the input, the workflow as its name, and what it emits', async () => {
    const randomId = createRandomId()
    const seen: unknown[] = []
    const workflows = {
      ask: {
        description: 'Answers.',
        run(input: unknown, run: { randomId: string }) {
          seen.push(input, run.randomId)
          emit('thinking', { about: input })
          return { ok: true }
        },
      },
    }
    const { url } = await bridges.open({ workflows })

    const { body } = await invoke(url, { workflow: 'ask', input: { q: 'why?' }, randomId })

    expect(body).toEqual({ ok: true, randomId })
    expect(seen).toEqual([{ q: 'why?' }, randomId])
    const { body: page } = await get(`${url}/api/agents/${randomId}/events`)
    expect(page.events).toMatchObject([
      { type: 'run.start', seq: 1, name: 'ask', input: { q: 'why?' } },
      { type: 'agent.event', seq: 2, name: 'thinking', content: { about: { q: 'why?' } } },
      { type: 'run.end', seq: 3, status: 'ok' },
    ])
  })

  test('is one of its own although the bridge was started inside another', async () => {
    const { result } = await observeRun({ name: 'outer' }, () =>
      bridges.open({ workflows: { work: () => ({}) } }),
    )

    const { body } = await invoke(result.url, { workflow: 'work' })

    expect(registry.get(String(body.randomId))?.summary()).toMatchObject({
      name: 'work',
      status: 'ok',
    })
  })

  test('goes on when the client that waits for it leaves', async () => {
    const work = new HeldWorkflow()
    const { url, port } = await bridges.open({ workflows: { work } })
    const randomId = createRandomId()
    const body = JSON.stringify({ workflow: 'work', randomId })
    const socket = connect(port, '127.0.0.1')
    socket.write(
      `POST /api/workflow/invoke HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n${body}`,
    )
    const stream = await fetch(`${url}/api/agents/${randomId}/stream`)

    socket.destroy()
    await once(socket, 'close')
    await get(`${url}/healthz`)
    work.release()

    expect(await stream.text()).toContain('"status":"ok"')
    expect(work.cancelled).toBe(0)
  })
})

describe('cancelling', () => {
  test('fires the signal of a run that goes on: 202, and the run ends as cancelled', async () => {
    const work = new HeldWorkflow()
    const { url } = await bridges.open({ workflows: { work } })
    const { body: run } = await invoke(url, { workflow: 'work' }, ASYNC)

    const { status, body } = await post(`${url}/api/agents/${run.randomId}/cancel`)

    expect([status, body]).toEqual([202, { randomId: run.randomId }])
    expect(await whole(url, run.streamUrl)).toContain('"status":"cancelled"')
    expect(work.cancelled).toBe(1)
  })

  test('needs no body and no content type', async () => {
    const work = new HeldWorkflow()
    const { url } = await bridges.open({ workflows: { work } })
    const { body } = await invoke(url, { workflow: 'work' }, ASYNC)

    const response = await fetch(`${url}/api/agents/${body.randomId}/cancel`, { method: 'POST' })

    expect(response.status).toBe(202)
    work.release()
  })

  test('of a run that is over, of an unknown one, or of one not invoked here is 409', async () => {
    const { url } = await bridges.open({ workflows: { work: () => ({}) } })
    const { body: over } = await invoke(url, { workflow: 'work' })
    const elsewhere = registry.create()
    elsewhere.emit({ type: 'agent.event', name: 'x', content: 1 })

    for (const randomId of [over.randomId, createRandomId(), elsewhere.randomId]) {
      const { status, body } = await post(`${url}/api/agents/${randomId}/cancel`)
      expect([status, body.code]).toEqual([409, 'not-cancellable'])
    }
    expect(elsewhere.ended).toBe(false)
    elsewhere.dispose()
  })
})

describe('a randomId that is taken', () => {
  test('by a run that goes on is 409, and that run is not touched', async () => {
    const work = new HeldWorkflow()
    const { url } = await bridges.open({ workflows: { work } })
    const randomId = createRandomId()
    await invoke(url, { workflow: 'work', randomId }, ASYNC)
    const { lastSeenAt, ...before } = registry.get(randomId)?.summary() ?? {}

    const { status, body } = await invoke(url, { workflow: 'work', randomId })

    expect([status, body.code, body.randomId]).toEqual([409, 'run-exists', randomId])
    expect(registry.get(randomId)?.summary()).toMatchObject(before)
    // It runs here, which is a sign of life at any time.
    expect(registry.get(randomId)?.summary().lastSeenAt).toBeGreaterThanOrEqual(Number(lastSeenAt))
    expect(work.started).toBe(1)
    work.release()
  })

  test('by a run that is over is 409, and its events stay', async () => {
    const { url } = await bridges.open({ workflows: { work: () => ({}) } })
    const randomId = createRandomId()
    await invoke(url, { workflow: 'work', randomId })
    const { epoch, lastSeq } = registry.get(randomId)?.summary() ?? {}

    const { status } = await invoke(url, { workflow: 'work', randomId })

    expect(status).toBe(409)
    expect(registry.get(randomId)).toMatchObject({ epoch, lastSeq })
  })

  test('by a request of the same moment: exactly one of them runs', async () => {
    const work = new HeldWorkflow()
    work.release()
    const { url } = await bridges.open({ workflows: { work } })
    const randomId = createRandomId()

    const answers = await Promise.all(
      Array.from({ length: 8 }, () => invoke(url, { workflow: 'work', randomId })),
    )

    expect(answers.map(({ status }) => status).sort()).toEqual([200, ...Array(7).fill(409)])
    expect(work.started).toBe(1)
  })
})

describe('bad input starts nothing, and says what is wrong', () => {
  const JSON_TYPE = 'application/json'
  test.each([
    ['JSON that does not end', '{"workflow":', JSON_TYPE, 400, 'invalid-json'],
    ['no JSON at all', 'workflow=work', JSON_TYPE, 400, 'invalid-json'],
    ['an array', '[1]', JSON_TYPE, 400, 'invalid-request'],
    ['a number', '3', JSON_TYPE, 400, 'invalid-request'],
    ['null', 'null', JSON_TYPE, 400, 'invalid-request'],
    ['an empty body', '', JSON_TYPE, 400, 'invalid-request'],
    ['no workflow', '{}', JSON_TYPE, 400, 'invalid-request'],
    ['a workflow that is no text', '{"workflow":{}}', JSON_TYPE, 400, 'invalid-request'],
    ['an unknown workflow', '{"workflow":"nope"}', JSON_TYPE, 404, 'workflow-not-found'],
    [
      'a name that every object has',
      '{"workflow":"constructor"}',
      JSON_TYPE,
      404,
      'workflow-not-found',
    ],
    ['the name __proto__', '{"workflow":"__proto__"}', JSON_TYPE, 404, 'workflow-not-found'],
    ['a short id', '{"workflow":"work","randomId":"short"}', JSON_TYPE, 400, 'invalid-random-id'],
    [
      'a long id',
      `{"workflow":"work","randomId":"${'a'.repeat(129)}"}`,
      JSON_TYPE,
      400,
      'invalid-random-id',
    ],
    [
      'an id with a line in it',
      '{"workflow":"work","randomId":"aaaaaaaa\\ndata: x"}',
      JSON_TYPE,
      400,
      'invalid-random-id',
    ],
    [
      'an id that is no text',
      '{"workflow":"work","randomId":12345678}',
      JSON_TYPE,
      400,
      'invalid-random-id',
    ],
    ['a form', 'workflow=work', 'application/x-www-form-urlencoded', 415, 'unsupported-media-type'],
    ['text', '{"workflow":"work"}', 'text/plain', 415, 'unsupported-media-type'],
    ['a type that is none', '{"workflow":"work"}', ';;;', 415, 'unsupported-media-type'],
    [
      'a foreign charset',
      '{"workflow":"work"}',
      'application/json; charset=latin1',
      415,
      'unsupported-media-type',
    ],
  ])('%s', async (_, body, type, status, code) => {
    const work = new HeldWorkflow()
    work.release()
    const { url } = await bridges.open({ workflows: { work } })
    const before = registry.list().map((observer) => observer.summary())

    const answer = await post(`${url}/api/workflow/invoke`, body, { 'Content-Type': type })

    expect([answer.status, answer.body.code, answer.body.status]).toEqual([status, code, status])
    expect(answer.headers.get('content-type')).toContain('application/problem+json')
    expect(work.started).toBe(0)
    expect(registry.list().map((observer) => observer.summary())).toEqual(before)
  })

  test('an unknown workflow is told the known ones', async () => {
    const { url } = await bridges.open({ workflows: { one: () => 1, two: () => 2 } })

    const { body } = await invoke(url, { workflow: 'three' })

    expect(body.workflows).toEqual(['one', 'two'])
    expect(body.detail).toContain('one, two')
  })

  test('a body without a type is 415, and told which one to send', async () => {
    const { port } = await bridges.open({ workflows: { work: () => 1 } })
    const head = ['POST /api/workflow/invoke HTTP/1.1', 'Host: localhost', 'Connection: close']

    const answer = await rawRequest(port, [...head, 'Content-Length: 2'], { body: '{}' })

    expect([answer.status, answer.json().code]).toEqual([415, 'unsupported-media-type'])
    expect(answer.headers['accept-post']).toBe('application/json')
  })

  test('a body that breaks its own encoding is 400', async () => {
    const { url } = await bridges.open({ workflows: { work: () => 1 } })
    const headers = { 'Content-Type': 'application/json', 'Content-Encoding': 'gzip' }

    const { status, body } = await post(`${url}/api/workflow/invoke`, 'no gzip at all', headers)

    expect([status, body.code]).toEqual([400, 'invalid-request'])
  })

  test('fields that are not known are ignored', async () => {
    const { url } = await bridges.open({ workflows: { work: () => ({}) } })

    expect((await invoke(url, { workflow: 'work', colour: 'red' })).status).toBe(200)
  })
})

test('no JSON that names no workflow starts anything, or makes the bridge fail', async () => {
  const work = new HeldWorkflow()
  work.release()
  const { url } = await bridges.open({ workflows: { work } })
  const runs = registry.size
  await fc.assert(
    fc.asyncProperty(
      fc.oneof(
        fc.json(),
        fc
          .record({ workflow: fc.string(), randomId: fc.string() })
          .map((value) => JSON.stringify(value)),
        fc.string(),
      ),
      async (text) => {
        const { status, headers, body } = await post(`${url}/api/workflow/invoke`, text)
        expect(status).toBeGreaterThanOrEqual(400)
        expect(status).toBeLessThan(500)
        expect(BRIDGE_ERROR_CODES).toContain(body.code)
        expect(headers.get('content-type')).toContain('application/problem+json')
      },
    ),
    { numRuns: 150 },
  )
  expect([work.started, registry.size]).toEqual([0, runs])
})

describe('limits', () => {
  test('a body of maxInvokeBytes is taken, one byte more is 413, gzipped or not', async () => {
    const seen: unknown[] = []
    const { url } = await bridges.open({
      limits: { maxInvokeBytes: 1000 },
      workflows: { work: (input) => void seen.push(input) },
    })
    const bodyOf = (bytes: number): string => JSON.stringify({ workflow: 'work' }).padEnd(bytes)
    const gzip = { 'Content-Type': 'application/json', 'Content-Encoding': 'gzip' }
    const at = `${url}/api/workflow/invoke`

    const whole = await post(at, bodyOf(1000))
    const tooLarge = await post(at, bodyOf(1001))
    const wholeGzip = await post(at, gzipSync(bodyOf(1000)), gzip)
    const tooLargeGzip = await post(at, gzipSync(bodyOf(1001)), gzip)

    expect([whole.status, wholeGzip.status]).toEqual([200, 200])
    for (const { status, body } of [tooLarge, tooLargeGzip]) {
      expect([status, body.code]).toEqual([413, 'body-too-large'])
    }
    expect(seen).toHaveLength(2)
  })

  test('maxInvokes run at once, one more is 429 with Retry-After, until one is done', async () => {
    const work = new HeldWorkflow()
    const { url } = await bridges.open({ limits: { maxInvokes: 2 }, workflows: { work } })
    const first = await invoke(url, { workflow: 'work' }, ASYNC)
    await invoke(url, { workflow: 'work' }, ASYNC)

    const refused = await invoke(url, { workflow: 'work' })
    await post(`${url}/api/agents/${first.body.randomId}/cancel`)
    await whole(url, first.body.streamUrl)
    const taken = await invoke(url, { workflow: 'work' }, ASYNC)

    expect([refused.status, refused.body.code]).toEqual([429, 'too-many-invokes'])
    expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0)
    expect(taken.status).toBe(202)
    expect(work.started).toBe(3)
    work.release()
  })

  test('a refused invoke keeps no place', async () => {
    const { url } = await bridges.open({
      limits: { maxInvokes: 1 },
      workflows: { work: () => ({}) },
    })
    const randomId = createRandomId()
    await invoke(url, { workflow: 'work', randomId })

    expect((await invoke(url, { workflow: 'work', randomId })).status).toBe(409)
    expect((await invoke(url, { workflow: 'nope' })).status).toBe(404)
    expect((await invoke(url, { workflow: 'work' })).status).toBe(200)
  })

  test('a body that does not arrive within bodyTimeoutMs is 408, and the connection ends', async () => {
    const { port } = await bridges.open({
      limits: { bodyTimeoutMs: 50 },
      workflows: { work: () => 1 },
    })
    const head = ['POST /api/workflow/invoke HTTP/1.1', 'Host: localhost']

    const answer = await rawRequest(
      port,
      [...head, 'Content-Type: application/json', 'Content-Length: 100'],
      { body: '{"workflow":' },
    )

    expect([answer.status, answer.json().code]).toEqual([408, 'request-timeout'])
    expect(answer.headers.connection).toBe('close')
  })
})

describe('mounted in an app', () => {
  async function serve(app: express.Express): Promise<{ url: string; close(): void }> {
    const server = createServer(app).listen(0, '127.0.0.1')
    await once(server, 'listening')
    const { port } = server.address() as AddressInfo
    return { url: `http://127.0.0.1:${port}`, close: () => server.close() }
  }

  test('below a path, the streamUrl has that path', async () => {
    const bridge = createBridge({ workflows: { work: () => ({}) } })
    const { url, close } = await serve(express().use('/spancast', bridge.router))

    const { body } = await invoke(`${url}/spancast`, { workflow: 'work' }, ASYNC)

    expect(body.streamUrl).toBe(`/spancast/api/agents/${body.randomId}/stream`)
    expect(await whole(url, body.streamUrl)).toContain('run.end')
    close()
  })

  test('behind its JSON parser, a body is taken as the app has read it', async () => {
    const bridge = createBridge({ workflows: { echo: (input) => ({ input }) } })
    const { url, close } = await serve(express().use(express.json(), bridge.router))

    const { status, body } = await invoke(url, { workflow: 'echo', input: 7 })

    expect([status, body.input]).toEqual([200, 7])
    close()
  })

  test('behind its JSON parser, a body beyond maxInvokeBytes is still 413', async () => {
    const work = new HeldWorkflow()
    const bridge = createBridge({ limits: { maxInvokeBytes: 30 }, workflows: { work } })
    const { url, close } = await serve(express().use(express.json(), bridge.router))

    const { status } = await invoke(url, { workflow: 'work', input: 'x'.repeat(30) })

    expect(status).toBe(413)
    expect(work.started).toBe(0)
    close()
  })

  test('what is not ours is left to the app', async () => {
    const bridge = createBridge()
    const app = express().use(bridge.router)
    app.get('/api/users', (_req, res) => void res.json(['ada']))
    const { url, close } = await serve(app)

    expect(await (await fetch(`${url}/api/users`)).json()).toEqual(['ada'])
    expect((await get(`${url}/api/agents/a/b/c`)).body.code).toBe('not-found')
    close()
  })
})
