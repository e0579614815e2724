import { Socket } from 'node:net'
import { afterEach, expect, test, vi } from 'vitest'
import type { RawReader } from '../sse/testing/raw-reader.ts'
import type { StreamServer } from '../sse/testing/stream-server.ts'
import { readStream, serve } from '../sse/testing/streaming.ts'

afterEach(() => {
  vi.restoreAllMocks()
})

function read(server: StreamServer, namespace: string): Promise<RawReader> {
  return readStream(server, `/api/namespaces/${encodeURIComponent(namespace)}/stream`).begun()
}

function emit(server: StreamServer, randomId: string, namespace: string, content: unknown): void {
  const observer = server.registry.get(randomId) ?? server.registry.create(randomId)
  observer.emit({ type: 'agent.event', name: 'progress', content, namespace })
}

const contentsOf = (reader: RawReader): unknown[] =>
  reader.records.filter(({ type }) => type === 'agent.event').map(({ content }) => content)

test('a namespace stream is the events of that namespace in all runs, from now on', async () => {
  const server = await serve()
  emit(server, 'run-before', 'sales', 'before')
  const sales = await read(server, 'sales')
  const other = await read(server, 'über/uns')

  emit(server, 'run-11111111', 'sales', 1)
  emit(server, 'run-22222222', 'sales', 2)
  emit(server, 'run-11111111', 'über/uns', 3)
  emit(server, 'run-11111111', 'sales', 4)
  await sales.until(() => contentsOf(sales).length === 3)
  await other.until(() => contentsOf(other).length === 1)

  expect(contentsOf(sales)).toEqual([1, 2, 4])
  expect(contentsOf(other)).toEqual([3])
  expect(sales.records.at(-1)?.randomId).toBe('run-11111111')
})

test('a namespace stream has the headers of a stream and no ids', async () => {
  const server = await serve()
  const reader = await read(server, 'sales')
  emit(server, 'run-11111111', 'sales', 1)
  await reader.until(() => contentsOf(reader).length === 1)

  expect(reader.header('Content-Type')).toBe('text/event-stream; charset=utf-8')
  expect(reader.parser.cursor).toBe('')
})

test('a namespace stream lasts as long as others, with heartbeats', async () => {
  const server = await serve({ streams: { maxStreamMs: 300, heartbeatMs: 40 } })

  const reader = await (await read(server, 'sales')).over()

  expect(reader.parser.comments.length).toBeGreaterThan(1)
  expect(reader.records).toEqual([{ type: 'stream.end', reason: 'max-duration', lastSeq: 0 }])
})

test('a reader of a namespace that lags too many bytes is reset', async () => {
  const server = await serve({ streams: { maxReaderBytes: 100_000 } })
  const slow = await read(server, 'sales')
  slow.socket.pause()
  const reset = vi.spyOn(Socket.prototype, 'resetAndDestroy')

  while (server.streams.stats().ended['too-slow'] === 0) {
    emit(server, 'run-11111111', 'sales', 'x'.repeat(20_000))
    await new Promise((resolve) => setImmediate(resolve))
  }
  slow.socket.resume()

  await slow.over()
  expect(reset).toHaveBeenCalledTimes(1)
})

test('the last reader of a namespace that leaves lets go of it', async () => {
  const server = await serve()
  const watch = vi.spyOn(server.store, 'watchNamespace')
  const all = [await read(server, 'sales'), await read(server, 'sales')]
  expect(watch).toHaveBeenCalledTimes(1)

  for (const reader of all) reader.leave()
  await vi.waitFor(() => expect(server.streams.stats().open).toBe(0))
  await read(server, 'sales')

  expect(watch).toHaveBeenCalledTimes(2)
})

test.each(['*', 'n'.repeat(129)])('the namespace %s is refused', async (namespace) => {
  const server = await serve()

  const answer = await fetch(`${server.url}/api/namespaces/${namespace}/stream`)

  expect(answer.status).toBe(400)
  expect(await answer.json()).toMatchObject({ code: 'invalid-namespace' })
})

test('a namespace of 128 characters is read', async () => {
  const server = await serve()
  expect((await read(server, 'n'.repeat(128))).status).toBe(200)
})
