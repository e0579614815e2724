import compression from 'compression'
import { EventSource } from 'eventsource'
import { describe, expect, test, vi } from 'vitest'
import { emitChunks, emitEvents, endRun } from '../sse/testing/emit.ts'
import type { RawReaderOptions } from '../sse/testing/raw-reader.ts'
import { RUN, read, serve } from '../sse/testing/streaming.ts'
import { storeAway } from '../store/store-away.ts'

const resuming = (id: string): RawReaderOptions => ({ headers: { 'Last-Event-ID': id } })
const upTo = (last: number, from = 1): number[] =>
  Array.from({ length: last - from + 1 }, (_, at) => from + at)

describe('a stream', () => {
  test('is the events of the run so far and then each one as it happens', async () => {
    const server = await serve()
    const observer = server.registry.create(RUN)
    emitEvents(observer, 2)
    const reader = await read(server).got(3)

    emitEvents(observer, 1)
    await reader.got(4)

    expect(reader.seqs).toEqual([1, 2, 3, 4])
    expect(reader.records).toEqual(JSON.parse(JSON.stringify(observer.getEvents())))
    expect(reader.parser.messages.map(({ event }) => event)).toEqual(Array(4).fill('message'))
    expect(reader.parser.messages.map(({ id }) => id)).toEqual(
      upTo(4).map((seq) => `${observer.epoch}.${seq}`),
    )
  })

  test('has the headers that keep proxies and compression from holding events back', async () => {
    const server = await serve()
    server.registry.create(RUN)

    const reader = await read(server).begun()

    expect(reader.status).toBe(200)
    expect(reader.header('Content-Type')).toBe('text/event-stream; charset=utf-8')
    expect(reader.header('Cache-Control')).toBe('no-cache, no-transform')
    expect(reader.header('X-Accel-Buffering')).toBe('no')
    expect(reader.header('Transfer-Encoding')).toBeUndefined()
  })

  test('begins with a retry of one to three seconds', async () => {
    const server = await serve()
    server.registry.create(RUN)

    const reader = read(server)
    await reader.until(() => reader.parser.retries.length > 0)

    expect(reader.parser.retries).toHaveLength(1)
    expect(reader.parser.retries[0]).toBeGreaterThanOrEqual(1000)
    expect(reader.parser.retries[0]).toBeLessThanOrEqual(3000)
  })

  test('is the same over HTTP/1.0', async () => {
    const server = await serve()
    const observer = server.registry.create(RUN)
    emitEvents(observer, 1)
    const reader = await read(server, '', { version: '1.0' }).got(2)

    emitEvents(observer, 1)
    endRun(observer)
    await reader.over()

    expect(reader.head).toContain('200 OK')
    expect(reader.body).toMatch(/^retry: \d+\n\nid: /)
    expect(reader.types).toEqual([
      'run.start',
      'agent.event',
      'agent.event',
      'run.end',
      'stream.end',
    ])
  })

  test('is not held back by compression middleware', async () => {
    const server = await serve({ before: compression({ threshold: 0 }) })
    const observer = server.registry.create(RUN)
    const options = { headers: { 'Accept-Encoding': 'gzip, br' } }
    const reader = await read(server, '', options).begun()

    for (const count of upTo(3)) {
      emitEvents(observer, 1)
      await reader.got(count + 1)
    }

    expect(reader.header('Content-Encoding')).toBeUndefined()
    expect(reader.seqs).toEqual([1, 2, 3, 4])
  })

  test('goes through a response that somebody encodes all the same', async () => {
    const server = await serve({
      before: (_req, res, next) => {
        res.setHeader('Content-Encoding', 'identity')
        next()
      },
    })
    const observer = server.registry.create(RUN)
    emitEvents(observer, 1)
    const reader = await read(server).got(2)

    emitEvents(observer, 1)
    endRun(observer)
    await reader.over()

    expect(reader.seqs).toEqual([1, 2, 3, 4])
  })

  test('is read by a plain EventSource, which sees everything in onmessage and does not come back', async () => {
    const server = await serve()
    const observer = server.registry.create(RUN)
    emitEvents(observer, 1)
    const seen: string[] = []
    const ids: string[] = []
    let requests = 0
    const source = new EventSource(`${server.url}/api/agents/${RUN}/stream`, {
      fetch: (url, init) => {
        requests++
        return fetch(url, init)
      },
    })
    const closed = new Promise<void>((resolve) => {
      source.onmessage = ({ data, lastEventId }) => {
        const record = JSON.parse(data)
        seen.push(record.type)
        ids.push(lastEventId)
        if (record.type === 'agent.event' && seen.length === 2) {
          emitEvents(observer, 1)
          endRun(observer)
        }
      }
      source.onerror = () => {
        if (source.readyState === EventSource.CLOSED) resolve()
      }
    })
    await closed

    expect(seen).toEqual(['run.start', 'agent.event', 'agent.event', 'run.end', 'stream.end'])
    expect(ids.slice(0, 4)).toEqual(upTo(4).map((seq) => `${observer.epoch}.${seq}`))
    // The second request was answered by 204, which ends an EventSource.
    expect(requests).toBe(2)
  })

  test('to HEAD is its head alone', async () => {
    const server = await serve()
    server.registry.create(RUN)

    const known = await read(server, '', { method: 'HEAD' }).begun()
    const unknown = await fetch(`${server.url}/api/agents/unknown-1/stream`, { method: 'HEAD' })

    expect(known.header('Content-Type')).toBe('text/event-stream; charset=utf-8')
    expect(unknown.status).toBe(404)
  })
})

test.each([
  ['open', ''],
  ['wasDisposed', ''],
  ['appears', ''],
  ['appears', '?since=abcdefgh.1'],
] as const)(
  'a reader comes back if the store goes away as it is asked: %s %s',
  async (asked, query) => {
    const server = await serve()
    Object.assign(server.store, { [asked]: () => Promise.reject(storeAway()) })

    const reader = await read(server, query, { headers: { Connection: 'close' } }).over()

    expect(reader.status).toBe(200)
    expect(reader.body).toContain('"reason":"shutdown"')
  },
)

describe('HEAD to a bridge that cannot serve now', () => {
  test('has no body while the store is away', async () => {
    const server = await serve()
    server.store.ready = () => false

    const reader = await read(server, '', {
      method: 'HEAD',
      headers: { Connection: 'close' },
    }).over()

    expect(reader.status).toBe(200)
    expect(reader.body).toBe('')
  })

  test('has no body while the bridge closes', async () => {
    const server = await serve()
    await server.streams.close()

    const reader = await read(server, '', {
      method: 'HEAD',
      headers: { Connection: 'close' },
    }).over()

    expect(reader.status).toBe(200)
    expect(reader.body).toBe('')
  })
})

describe('resuming', () => {
  test.each([
    ['Last-Event-ID', '', true],
    ['since', '?since=', false],
    ['lastEventId', '?lastEventId=', false],
  ])('with an id in %s gives what came strictly after it', async (_, query, header) => {
    const server = await serve()
    const observer = server.registry.create(RUN)
    emitEvents(observer, 9)
    const id = `${observer.epoch}.6`

    const reader = header ? read(server, '', resuming(id)) : read(server, `${query}${id}`)
    await reader.got(4)

    expect(reader.seqs).toEqual([7, 8, 9, 10])
  })

  test('with a bare number counts in the current buffer', async () => {
    const server = await serve()
    emitEvents(server.registry.create(RUN), 9)

    expect((await read(server, '?since=8').got(2)).seqs).toEqual([9, 10])
  })

  test('by Last-Event-ID wins over the query', async () => {
    const server = await serve()
    const observer = server.registry.create(RUN)
    emitEvents(observer, 9)

    const reader = await read(server, '?since=2', resuming(`${observer.epoch}.8`)).got(2)

    expect(reader.seqs).toEqual([9, 10])
  })

  test('with a malformed header begins at the start; a malformed since is refused', async () => {
    const server = await serve()
    emitEvents(server.registry.create(RUN), 1)

    const reader = await read(server, '', resuming('no id at all')).got(2)
    const refused = await fetch(`${server.url}/api/agents/${RUN}/stream?since=-1`)

    expect(reader.seqs).toEqual([1, 2])
    expect(refused.status).toBe(400)
    expect(await refused.json()).toMatchObject({ code: 'invalid-since' })
  })

  test('where events are lost announces them once, with an id, ahead of what survives', async () => {
    const server = await serve({ runs: { maxEvents: 4, maxChunks: 2 } })
    const observer = server.registry.create(RUN)
    emitEvents(observer, 3)
    emitChunks(observer, 6)

    const reader = await read(server, '?since=2').got(5)
    const further = await read(server, '?since=4').got(3)

    expect(reader.records[2]).toEqual({
      type: 'stream.gap',
      reason: 'overwritten',
      from: 5,
      to: 8,
    })
    expect(reader.parser.messages[2]?.id).toBe(`${observer.epoch}.8`)
    expect(reader.seqs).toEqual([3, 4, 9, 10])
    expect(further.types).toEqual(['stream.gap', 'agent.chunk', 'agent.chunk'])
  })

  test.each([
    ['of another buffer', 'feedbeef.1'],
    ['beyond the last event', '99'],
  ])('with an id %s is told that the run was restarted and gets all', async (_, id) => {
    const server = await serve()
    const observer = server.registry.create(RUN)
    emitEvents(observer, 1)

    const reader = await read(server, '', resuming(id)).got(3)

    expect(reader.records[0]).toEqual({ type: 'stream.gap', reason: 'restarted' })
    expect(reader.parser.messages[0]?.id).toBe(`${observer.epoch}.0`)
    expect(reader.seqs).toEqual([1, 2])
  })

  test('again and again while the run goes on, reads every event once', async () => {
    const server = await serve()
    const observer = server.registry.create(RUN)
    const seqs: (number | undefined)[] = []
    let cursor = ''
    for (let round = 0; round < 20; round++) {
      const want = observer.lastSeq + 3
      const reader = read(server, '', cursor === '' ? {} : resuming(cursor))
      await reader.begun()
      emitEvents(observer, 5)
      await reader.until(() => Number(reader.seqs.at(-1)) >= want)
      reader.leave()
      seqs.push(...reader.seqs)
      cursor = reader.parser.cursor
    }

    expect(seqs).toEqual(upTo(seqs.length))
  })
})

describe('the end of a run', () => {
  test('is run.end, then completed without an id, then the close', async () => {
    const server = await serve()
    const observer = server.registry.create(RUN)
    emitEvents(observer, 1)
    const reader = await read(server).got(2)

    endRun(observer)
    await reader.over()

    expect(reader.types.slice(2)).toEqual(['run.end', 'stream.end'])
    expect(reader.records.at(-1)).toEqual({ type: 'stream.end', reason: 'completed', lastSeq: 3 })
    expect(reader.body).toMatch(/\n\ndata: \{"type":"stream\.end"[^\n]*\n\n$/)
    expect(reader.closed).toBe(true)
  })

  test('is all there for a first reader that comes after it', async () => {
    const server = await serve()
    const observer = server.registry.create(RUN)
    emitEvents(observer, 1)
    endRun(observer)

    const reader = await read(server).over()

    expect(reader.types).toEqual(['run.start', 'agent.event', 'run.end', 'stream.end'])
  })

  test('is 204 for a reader that has everything', async () => {
    const server = await serve()
    const observer = server.registry.create(RUN)
    emitEvents(observer, 1)
    endRun(observer)

    const reader = await read(server, '', resuming(`${observer.epoch}.3`)).begun()
    const almost = await read(server, '', resuming(`${observer.epoch}.2`)).over()

    expect(reader.status).toBe(204)
    expect(almost.types).toEqual(['run.end', 'stream.end'])
  })

  test('by disposal is told as such, and the run is gone from then on', async () => {
    const server = await serve()
    const observer = server.registry.create(RUN)
    emitEvents(observer, 1)
    const reader = await read(server).got(2)

    server.registry.dispose(RUN)
    await reader.over()
    const again = await fetch(`${server.url}/api/agents/${RUN}/stream`)
    const resumed = await fetch(`${server.url}/api/agents/${RUN}/stream?since=1`)

    expect(reader.records.at(-1)).toEqual({ type: 'stream.end', reason: 'disposed', lastSeq: 3 })
    expect(again.status).toBe(410)
    expect(await again.json()).toMatchObject({ code: 'run-gone' })
    expect(resumed.status).toBe(410)
  })
})

describe('an id that is not known', () => {
  test('is waited for: the reader was faster than the first event', async () => {
    const server = await serve()
    const reader = read(server)
    await vi.waitFor(() => expect(server.streams.stats().open).toBe(1))
    expect(server.registry.size).toBe(0)

    emitEvents(server.registry.create(RUN), 1)
    await reader.got(2)

    expect(reader.seqs).toEqual([1, 2])
  })

  test('is 404 after the wait that the bridge or the reader sets, and nothing was created', async () => {
    const server = await serve({ streams: { waitMs: 30 } })

    const byDefault = await fetch(`${server.url}/api/agents/${RUN}/stream`)
    const atOnce = await fetch(`${server.url}/api/agents/${RUN}/stream?wait=0`)
    const later = await fetch(`${server.url}/api/agents/${RUN}/stream?wait=0.05`)

    for (const answer of [byDefault, atOnce, later]) {
      expect(answer.status).toBe(404)
      expect(await answer.json()).toMatchObject({ code: 'run-not-found' })
    }
    expect(server.registry.size).toBe(0)
    await vi.waitFor(() => expect(server.streams.stats().open).toBe(0))
  })

  test('with a cursor is 200 and restarted at once, then the run when it comes', async () => {
    const server = await serve({ streams: { waitMs: 0 } })
    const reader = await read(server, '', resuming('feedbeef.7')).got(1)
    expect(reader.records).toEqual([{ type: 'stream.gap', reason: 'restarted' }])

    const observer = server.registry.create(RUN)
    await reader.until(() => reader.parser.cursor === `${observer.epoch}.0`)
    emitEvents(observer, 1)
    await reader.got(3)

    expect(reader.seqs).toEqual([1, 2])
    expect(reader.types).toEqual(['stream.gap', 'run.start', 'agent.event'])
  })

  test('with a cursor is waited for until the stream is over', async () => {
    const server = await serve({ streams: { maxStreamMs: 60 } })

    const reader = await read(server, '?since=7').over()

    expect(reader.records).toEqual([
      { type: 'stream.gap', reason: 'restarted' },
      { type: 'stream.end', reason: 'max-duration', lastSeq: 0 },
    ])
  })

  test.each(['61', '-1', 'soon', '', '1e1'])('is not waited for with wait=%s', async (wait) => {
    const server = await serve()

    const answer = await fetch(`${server.url}/api/agents/${RUN}/stream?wait=${wait}`)

    expect(answer.status).toBe(400)
    expect(await answer.json()).toMatchObject({ code: 'invalid-wait' })
  })

  test('may be waited for sixty seconds', async () => {
    const server = await serve()
    emitEvents(server.registry.create(RUN), 1)

    expect((await read(server, '?wait=60').got(2)).seqs).toEqual([1, 2])
  })

  test('frees everything when the reader does not wait', async () => {
    const server = await serve()
    const plain = read(server)
    const withCursor = read(server, '?since=4')
    await vi.waitFor(() => expect(server.streams.stats().open).toBe(2))

    plain.leave()
    withCursor.leave()

    await vi.waitFor(() => expect(server.streams.stats().open).toBe(0))
  })
})

describe('a format', () => {
  test('that is not spoken is refused; ours may be named', async () => {
    const server = await serve()
    emitEvents(server.registry.create(RUN), 1)

    const refused = await fetch(`${server.url}/api/agents/${RUN}/stream?format=xml`)

    expect(refused.status).toBe(400)
    expect(await refused.json()).toMatchObject({ code: 'unknown-format' })
    expect((await read(server, '?format=spancast').got(2)).seqs).toEqual([1, 2])
  })
})
