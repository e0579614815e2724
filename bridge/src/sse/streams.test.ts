import { request } from 'node:http'
import { connect, Socket } from 'node:net'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { emitEvents, endRun } from './testing/emit.ts'
import { RUN, read, readStream, serve } from './testing/streaming.ts'

afterEach(() => {
  vi.restoreAllMocks()
})

/** Emits until the reader's stream is ended by the bridge. */
async function emitUntil(done: () => boolean, emit: () => void): Promise<void> {
  while (!done()) {
    emit()
    await new Promise((resolve) => setImmediate(resolve))
  }
}

describe('the pace of a stream', () => {
  test('is kept by a comment with the time of the bridge and of the run', async () => {
    const server = await serve({ streams: { heartbeatMs: 40 } })
    const observer = server.registry.create(RUN)
    emitEvents(observer, 1)
    const before = Date.now()

    const reader = read(server)
    await reader.until(() => reader.parser.comments.length >= 3)

    for (const comment of reader.parser.comments) {
      const [word, now, seen] = comment.split(' ')
      expect(word).toBe('ping')
      expect(Number(now)).toBeGreaterThanOrEqual(before)
      expect(Number(seen)).toBe(Math.round(observer.lastSeenAt))
    }
  })

  test('is kept while a run is waited for', async () => {
    const server = await serve({ streams: { heartbeatMs: 40 } })

    const reader = read(server, '?since=3')
    await reader.until(() => reader.parser.comments.length >= 2)

    expect(reader.parser.comments[0]).toMatch(/^ping \d+$/)
  })

  test('ends with max-duration after its time, give or take a tenth, to be resumed', async () => {
    const server = await serve({ streams: { maxStreamMs: 200 } })
    const observer = server.registry.create(RUN)
    emitEvents(observer, 1)
    const began = performance.now()

    const reader = await read(server).over()
    const lasted = performance.now() - began
    emitEvents(observer, 1)
    const options = { headers: { 'Last-Event-ID': reader.parser.cursor } }
    const resumed = await read(server, '', options).got(1)

    expect(reader.records.at(-1)).toEqual({
      type: 'stream.end',
      reason: 'max-duration',
      lastSeq: 2,
    })
    expect(lasted).toBeGreaterThan(175)
    expect(resumed.seqs).toEqual([3])
  })

  test('spreads the ends of streams that began together', async () => {
    const server = await serve({ streams: { maxStreamMs: 1000 } })
    server.registry.create(RUN)
    vi.spyOn(Math, 'random').mockReturnValueOnce(0).mockReturnValue(0.999)
    const early = await read(server).begun()
    const late = await read(server).begun()

    await early.over()

    expect(late.closed).toBe(false)
  })
})

describe('a reader that is too slow', () => {
  const big = 'x'.repeat(20_000)

  test('is reset when it lags too many bytes, while others read on and nobody waits', async () => {
    const server = await serve({
      streams: { maxReaderBytes: 100_000 },
      runs: { maxEvents: 20_000 },
    })
    const observer = server.registry.create(RUN)
    emitEvents(observer, 1)
    const slow = await read(server).got(2)
    const other = await read(server).got(2)
    slow.socket.pause()
    const reset = vi.spyOn(Socket.prototype, 'resetAndDestroy')

    await emitUntil(
      () => server.streams.stats().ended['too-slow'] > 0,
      () => observer.emit({ type: 'agent.event', name: 'progress', content: big }),
    )
    slow.socket.resume()
    await slow.over()
    await other.until(() => other.seqs.at(-1) === observer.lastSeq)

    expect(reset).toHaveBeenCalledTimes(1)
    expect(other.seqs).toHaveLength(observer.lastSeq)
    await vi.waitFor(() => expect(server.streams.stats().open).toBe(1))
  })

  test('can resume, and misses nothing', async () => {
    const server = await serve({
      streams: { maxReaderBytes: 100_000 },
      runs: { maxEvents: 20_000 },
    })
    const observer = server.registry.create(RUN)
    emitEvents(observer, 1)
    const slow = await read(server).got(2)
    slow.socket.pause()
    await emitUntil(
      () => server.streams.stats().ended['too-slow'] > 0,
      () => observer.emit({ type: 'agent.event', name: 'progress', content: big }),
    )
    slow.socket.resume()
    await slow.over()

    const resumed = read(server, '', { headers: { 'Last-Event-ID': slow.parser.cursor } })
    await resumed.until(() => resumed.seqs.at(-1) === observer.lastSeq)

    expect([...slow.seqs, ...resumed.seqs]).toEqual(observer.getEvents().map(({ seq }) => seq))
  })

  test('is reset when what was written waits too long', async () => {
    const server = await serve({ streams: { maxReaderLagMs: 80 } })
    const observer = server.registry.create(RUN)
    emitEvents(observer, 1)
    const slow = await read(server).got(2)
    slow.socket.pause()
    const reset = vi.spyOn(Socket.prototype, 'resetAndDestroy')

    // Kernels take a few megabytes before anything waits here.
    let sent = 0
    await emitUntil(
      () => server.streams.stats().ended['too-slow'] > 0,
      () => {
        if (sent++ < 400) observer.emit({ type: 'agent.event', name: 'progress', content: big })
      },
    )
    slow.socket.resume()
    await slow.over()

    expect(reset).toHaveBeenCalledTimes(1)
  })

  test('in its backfill is waited for, and gets all of it', async () => {
    const server = await serve({
      streams: { maxReaderBytes: 1000, maxReaderLagMs: 20 },
      runs: { maxEvents: 2000, maxRunBytes: 1 << 28 },
    })
    const observer = server.registry.create(RUN)
    for (let at = 0; at < 600; at++) {
      observer.emit({ type: 'agent.event', name: 'progress', content: big })
    }
    const slow = await read(server).begun()
    slow.socket.pause()
    const waiting = vi.fn()
    // Ten times the time that a live reader has.
    setTimeout(waiting, 200)
    await emitUntil(
      () => waiting.mock.calls.length > 0,
      () => {},
    )
    expect(server.streams.stats().open).toBe(1)

    slow.socket.resume()
    await slow.until(() => slow.seqs.at(-1) === observer.lastSeq)

    expect(slow.seqs).toHaveLength(601)
  })
})

describe('a reader that leaves', () => {
  test('cancels nothing and is forgotten', async () => {
    const server = await serve()
    const observer = server.registry.create(RUN)
    const listen = vi.spyOn(observer, 'listen')
    const all = await Promise.all(Array.from({ length: 20 }, () => read(server).begun()))
    expect(server.streams.stats().open).toBe(20)
    expect(listen).toHaveBeenCalledTimes(1)

    for (const reader of all) reader.leave()
    await vi.waitFor(() => expect(server.streams.stats().open).toBe(0))
    emitEvents(observer, 1)

    expect(observer.ended).toBe(false)
    await vi.waitFor(async () => expect(await server.connections()).toBe(0))
    expect((await read(server).got(2)).seqs).toEqual([1, 2])
  })

  test('while its request still waits behind another on the same connection frees its place', async () => {
    const server = await serve()
    server.registry.create(RUN)
    const socket = connect(server.port, '127.0.0.1')
    const line = `GET /api/agents/${RUN}/stream HTTP/1.1\r\nHost: a\r\n\r\n`
    socket.write(line + line + line)
    await vi.waitFor(() => expect(server.streams.stats().open).toBe(3))

    socket.destroy()

    await vi.waitFor(() => expect(server.streams.stats().open).toBe(0))
  })
})

describe('open streams', () => {
  test('are limited per client: one more is 429 with Retry-After, until one leaves', async () => {
    const server = await serve({ streams: { maxStreamsPerClient: 2 } })
    server.registry.create(RUN)
    const first = await read(server).begun()
    await read(server).begun()

    const refused = await fetch(`${server.url}/api/agents/${RUN}/stream`)
    first.leave()
    await vi.waitFor(() => expect(server.streams.stats().open).toBe(1))
    const third = await read(server).begun()

    expect(refused.status).toBe(429)
    expect(Number(refused.headers.get('Retry-After'))).toBeGreaterThan(0)
    expect(await refused.json()).toMatchObject({ code: 'too-many-streams' })
    expect(third.status).toBe(200)
  })

  test('are limited in all, the list and namespaces included', async () => {
    const server = await serve({ streams: { maxStreams: 2 } })
    server.registry.create(RUN)
    await read(server).begun()
    await readStream(server, '/api/agents/stream').begun()

    for (const path of [`agents/${RUN}/stream`, 'agents/stream', 'namespaces/sales/stream']) {
      expect((await fetch(`${server.url}/api/${path}`)).status).toBe(429)
    }
  })
})

describe('closing', () => {
  test('ends every stream with shutdown and spreads the readers out', async () => {
    const server = await serve()
    const observer = server.registry.create(RUN)
    emitEvents(observer, 1)
    const all = await Promise.all(Array.from({ length: 5 }, () => read(server).got(2)))
    const waiting = read(server, '?since=1', { method: 'GET' })
    await waiting.begun()

    await server.streams.close()
    for (const reader of [...all, waiting]) await reader.over()

    for (const reader of all) {
      expect(reader.records.at(-1)).toEqual({ type: 'stream.end', reason: 'shutdown', lastSeq: 2 })
    }
    const retries = all.map(({ parser }) => parser.retries.at(-1))
    expect(new Set(retries).size).toBeGreaterThan(1)
    expect(server.streams.stats().open).toBe(0)
  })

  test('tells those that wait for a run, and those that come later, to come back', async () => {
    const server = await serve()
    const waiting = read(server)
    const withCursor = await read(server, '?since=5').got(1)
    await vi.waitFor(() => expect(server.streams.stats().open).toBe(2))

    await server.streams.close()
    emitEvents(server.registry.create(RUN), 1)
    const later = read(server)

    for (const reader of [waiting, withCursor, later]) {
      await reader.over()
      expect(reader.status).toBe(200)
      expect(reader.records.at(-1)).toMatchObject({ type: 'stream.end', reason: 'shutdown' })
    }
  })

  test('does not wait for ever for a reader that takes nothing', async () => {
    const server = await serve({ runs: { maxEvents: 2000, maxRunBytes: 1 << 28 } })
    const observer = server.registry.create(RUN)
    for (let at = 0; at < 600; at++) {
      observer.emit({ type: 'agent.event', name: 'progress', content: 'x'.repeat(20_000) })
    }
    const stuck = await read(server).begun()
    stuck.socket.pause()

    await server.streams.close()
    stuck.socket.resume()

    expect((await stuck.over()).records.at(-1)?.type).not.toBe('stream.end')
  })

  test('a second time is the same closing', async () => {
    const server = await serve()
    expect(server.streams.close()).toBe(server.streams.close())
    await server.streams.close()
  })
})

test('an event is at the reader before the turn of the event loop is over', async () => {
  const server = await serve()
  const observer = server.registry.create(RUN)
  emitEvents(observer, 1)
  const seen: string[] = []
  await new Promise<void>((resolve) => {
    const req = request(`${server.url}/api/agents/${RUN}/stream`, (res) => {
      res.once('data', () => {
        emitEvents(observer, 1)
        setImmediate(() => seen.push(`${server.streams.stats().events} sent`))
        res.once('data', () => {
          req.destroy()
          resolve()
        })
      })
    })
    req.on('error', () => {})
    req.end()
  })

  expect(seen).toEqual(['3 sent'])
})

test('what was sent is counted', async () => {
  const server = await serve()
  const observer = server.registry.create(RUN)
  emitEvents(observer, 1)
  const first = await read(server).got(2)
  await read(server).got(2)

  endRun(observer)
  await first.over()

  const { events, bytes, ended } = server.streams.stats()
  expect(events).toBe(6)
  expect(bytes).toBeGreaterThan(600)
  expect(ended.completed).toBe(2)
})
