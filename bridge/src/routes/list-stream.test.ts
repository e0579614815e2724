import { expect, test, vi } from 'vitest'
import { emitEvents, endRun } from '../sse/testing/emit.ts'
import type { RawReader } from '../sse/testing/raw-reader.ts'
import type { StreamServer } from '../sse/testing/stream-server.ts'
import { readStream, serve } from '../sse/testing/streaming.ts'

function read(server: StreamServer): RawReader {
  return readStream(server, '/api/agents/stream')
}

test('the list stream is all runs, then the ones that change, without ids', async () => {
  const server = await serve()
  for (let at = 0; at < 450; at++) emitEvents(server.registry.create(`run-${at}-run`), 1)

  const reader = await read(server).got(450)
  emitEvents(server.registry.create('run-new-run'), 1)
  await reader.got(451)

  const ids = reader.records.map(({ randomId }) => randomId)
  expect(new Set(ids.slice(0, 450)).size).toBe(450)
  expect(ids[450]).toBe('run-new-run')
  expect(reader.records[450]).toMatchObject({ status: 'running', lastSeq: 2 })
  expect(reader.records[0]).toEqual(
    JSON.parse(JSON.stringify(server.registry.get(ids[0] ?? '')?.summary())),
  )
  expect(reader.parser.cursor).toBe('')
})

test('a run that changes often is told once a second, with its newest state', async () => {
  const server = await serve()
  const observer = server.registry.create('run-12345678')
  emitEvents(observer, 1)
  const reader = await read(server).got(1)
  const emitting = setInterval(() => emitEvents(observer, 1), 10)

  await reader.got(2)
  const first = performance.now()
  await reader.got(3)
  const second = performance.now()
  clearInterval(emitting)
  endRun(observer)
  await reader.until(() => reader.records.at(-1)?.status === 'ok')

  expect(second - first).toBeGreaterThan(900)
  expect(second - first).toBeLessThan(2000)
  expect(reader.records.at(-1)?.lastSeq).toBe(observer.lastSeq)
})

test('a run that was made and has not begun is not listed', async () => {
  const server = await serve()
  const silent = server.registry.create('run-silent')
  emitEvents(server.registry.create('run-heard'), 1)

  const reader = await read(server).got(1)
  emitEvents(silent, 1)
  await reader.got(2)

  expect(reader.records.map(({ randomId }) => randomId)).toEqual(['run-heard', 'run-silent'])
})

test('readers that leave let go of the list', async () => {
  const server = await serve()
  const watch = vi.spyOn(server.store, 'watchRuns')
  const first = await read(server).begun()
  const second = await read(server).begun()
  expect(watch).toHaveBeenCalledTimes(1)

  first.leave()
  second.leave()
  await vi.waitFor(() => expect(server.streams.stats().open).toBe(0))
  await read(server).begun()

  expect(watch).toHaveBeenCalledTimes(2)
  expect(first.closed).toBe(true)
})
