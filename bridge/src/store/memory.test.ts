import { ObserverRegistry } from '@spancast/sdk'
import { describe, expect, test } from 'vitest'
import { emitEvents, endRun } from '../sse/testing/emit.ts'
import { MemoryStore } from './memory.ts'

const RUN = 'run-12345678'

function filled(count: number): { registry: ObserverRegistry; store: MemoryStore } {
  const registry = new ObserverRegistry()
  for (let at = 0; at < count; at++) {
    const observer = registry.create(`run-${at}-run`)
    emitEvents(observer, 1)
    if (at % 3 === 0) endRun(observer)
  }
  return { registry, store: new MemoryStore(registry) }
}

describe('waiting for a run', () => {
  test('resolves with the run as soon as it is there', async () => {
    const registry = new ObserverRegistry()
    const store = new MemoryStore(registry)
    const { signal } = new AbortController()
    const both = Promise.all([store.appears(RUN, signal), store.appears(RUN, signal)])
    registry.create('run-another')

    const observer = registry.create(RUN)

    expect(await both).toEqual([observer, observer])
    expect(await store.appears(RUN, signal)).toBe(observer)
    expect(await store.open(RUN)).toBe(observer)
  })

  test('that is given up resolves with nothing and has created nothing', async () => {
    const registry = new ObserverRegistry()
    const store = new MemoryStore(registry)
    const gaveUp = new AbortController()
    const waiting = store.appears(RUN, gaveUp.signal)

    gaveUp.abort()

    expect(await waiting).toBeUndefined()
    expect(await store.appears(RUN, gaveUp.signal)).toBeUndefined()
    expect(registry.size).toBe(0)
  })

  test('is over when the store is closed', async () => {
    const store = new MemoryStore(new ObserverRegistry())
    const waiting = store.appears(RUN, new AbortController().signal)

    await store.close()

    expect(await waiting).toBeUndefined()
    expect(store.ready()).toBe(false)
  })
})

describe('the list', () => {
  test('gives every run once, newest first, however it is paged', async () => {
    const { registry, store } = filled(25)
    const newestFirst = registry
      .list()
      .map(({ randomId }) => randomId)
      .reverse()

    for (const limit of [1, 7, 25, 26]) {
      const ids: string[] = []
      let cursor: string | undefined
      do {
        const page = await store.list({ limit, cursor })
        expect(page.runs.length).toBeLessThanOrEqual(limit)
        ids.push(...page.runs.map(({ randomId }) => randomId))
        cursor = page.next ?? undefined
      } while (cursor !== undefined)
      expect(ids).toEqual(newestFirst)
    }
  })

  test('goes on where it was although runs came and went', async () => {
    const { registry, store } = filled(10)
    const first = await store.list({ limit: 4 })
    registry.dispose('run-6-run')
    registry.dispose('run-5-run')
    emitEvents(registry.create('run-new-run'), 1)

    const second = await store.list({ limit: 4, cursor: first.next ?? undefined })

    expect(first.runs.map(({ randomId }) => randomId).at(-1)).toBe('run-6-run')
    expect(second.runs.map(({ randomId }) => randomId)).toEqual(
      [4, 3, 2, 1].map((at) => `run-${at}-run`),
    )
  })

  test('can be of one status', async () => {
    const { store } = filled(10)

    const ended = await store.list({ limit: 2, status: 'ok' })
    const rest = await store.list({ limit: 9, status: 'ok', cursor: ended.next ?? undefined })

    expect([...ended.runs, ...rest.runs].map(({ randomId }) => randomId)).toEqual(
      [9, 6, 3, 0].map((at) => `run-${at}-run`),
    )
    expect(rest.next).toBeNull()
  })

  test.each(['', 'x', '1', 'abcdef-1', 'abcdef-1-1', '-'])(
    'refuses the cursor %j, which no page gave',
    (cursor) => {
      const { store } = filled(3)
      expect(() => store.list({ limit: 2, cursor })).toThrow(
        expect.objectContaining({ code: 'invalid-cursor' }),
      )
    },
  )

  test('leaves out a run that has not begun', async () => {
    const { registry, store } = filled(0)
    registry.create(RUN)

    expect((await store.list({ limit: 9 })).runs).toEqual([])
  })
})

describe('watching', () => {
  test('tells which runs change until it is stopped', () => {
    const { registry, store } = filled(1)
    const seen: string[] = []
    const stop = store.watchRuns((randomId) => seen.push(randomId))

    emitEvents(registry.create(RUN), 1)
    stop()
    stop()
    emitEvents(registry.create('run-later-on'), 1)

    expect(new Set(seen)).toEqual(new Set([RUN]))
  })

  test('a namespace tells each of its events once to each listener until it is stopped', () => {
    const { registry, store } = filled(0)
    const observer = registry.create(RUN)
    const seen: number[] = []
    const listener = ({ seq }: { seq: number }): number => seen.push(seq)
    const stops = [store.watchNamespace('sales', listener), store.watchNamespace('sales', listener)]
    const emit = (namespace: string): void =>
      observer.emit({ type: 'agent.event', name: 'a', content: 1, namespace })
    emit('other')
    emit('sales')
    stops[0]?.()
    emit('sales')
    stops[1]?.()
    emit('sales')

    expect(seen).toEqual([3, 3, 4])
  })
})

test('a run that was let go is remembered, and summaries are of runs that are kept', async () => {
  const { registry, store } = filled(2)
  registry.dispose('run-0-run')

  expect(await store.wasDisposed('run-0-run')).toBe(true)
  expect(await store.wasDisposed('run-1-run')).toBe(false)
  expect(await store.summary('run-0-run')).toBeUndefined()
  expect(await store.summary('run-1-run')).toMatchObject({ randomId: 'run-1-run', lastSeq: 2 })
})
