import type { AgentObserver, ObserverRegistry, RunLimits } from '@spancast/sdk'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { emitChunks, emitEvents, endRun } from '../../sse/testing/emit.ts'
import type { FeedEntry, RunFeed, RunStore } from '../run-store.ts'

/** A store and the registry of a process whose runs are in it. */
export interface OpenedStore {
  readonly store: RunStore
  readonly registry: ObserverRegistry
  close(): Promise<void>
}

const RUN = 'run-12345678'
const WAIT = { timeout: 15_000, interval: 5 }

/** What every store does, whatever holds its runs. */
export function storeBehaviour(open: (limits?: Partial<RunLimits>) => Promise<OpenedStore>): void {
  const opened: OpenedStore[] = []
  const start = async (limits?: Partial<RunLimits>): Promise<OpenedStore> => {
    const one = await open(limits)
    opened.push(one)
    return one
  }
  afterEach(async () => {
    for (const one of opened.splice(0)) await one.close()
  })

  async function reaches(store: RunStore, observer: AgentObserver): Promise<void> {
    const { randomId } = observer
    await vi.waitFor(async () => {
      const summary = await store.summary(randomId)
      expect(summary).toMatchObject({ lastSeq: observer.lastSeq })
      expect(summary?.status).toBe(observer.summary().status)
    }, WAIT)
  }

  async function filled(count: number): Promise<OpenedStore> {
    const one = await start()
    for (let at = 0; at < count; at++) {
      const observer = one.registry.create(`run-${at}-run`)
      emitEvents(observer, 1)
      if (at % 3 === 0) endRun(observer)
      await reaches(one.store, observer)
    }
    return one
  }

  async function feedOf(store: RunStore, randomId: string = RUN): Promise<RunFeed> {
    const feed = await store.appears(randomId, new AbortController().signal)
    if (feed === undefined) throw new Error('There is no such run.')
    return feed
  }

  async function holds(feed: RunFeed, lastSeq: number): Promise<void> {
    await vi.waitFor(() => expect(feed.lastSeq).toBe(lastSeq), WAIT)
  }

  const seqs = (entries: readonly FeedEntry[]): number[] => entries.map(({ seq }) => seq)

  describe('a run', () => {
    test('is read from its beginning and goes on live, each event once and in order', async () => {
      const { store, registry } = await start()
      const observer = registry.create(RUN)
      emitEvents(observer, 3)
      const feed = await feedOf(store)
      const live: number[] = []
      await holds(feed, 4)

      const stop = feed.listen({ appended: ({ seq }) => live.push(seq) })
      emitChunks(observer, 3)
      endRun(observer)

      await holds(feed, 8)
      stop()
      stop()
      expect(live).toEqual([5, 6, 7, 8])
      expect(seqs(feed.entries(0))).toEqual([1, 2, 3, 4, 5, 6, 7, 8])
      expect(seqs(feed.entries(2, 3))).toEqual([3, 4, 5])
      expect(feed.ended).toBe(true)
      expect(feed.gapAfter(0)).toBeUndefined()
      const events = feed.entries(0).map(({ json }) => JSON.parse(json))
      expect(events).toEqual(observer.getEvents())
      expect(feed.entries(0).map(({ type }) => type)).toEqual(events.map(({ type }) => type))
    })

    test('that has outgrown its ring says what is gone, and its tree survives its talk', async () => {
      const { store, registry } = await start({ maxEvents: 5, maxChunks: 3 })
      const observer = registry.create(RUN)
      emitEvents(observer, 3)
      emitChunks(observer, 10)
      emitEvents(observer, 3)
      await reaches(store, observer)

      const feed = await feedOf(store)

      expect(feed.lastSeq).toBe(17)
      expect(seqs(feed.entries(0))).toEqual(seqs(observer.entries(0)))
      expect(seqs(feed.entries(0))).toEqual([3, 4, 12, 13, 14, 15, 16, 17])
      for (const after of [0, 1, 2, 5, 11, 12, 17]) {
        expect(feed.gapAfter(after)).toEqual(observer.gapAfter(after))
      }
      expect(feed.countEntries(4, 13)).toBe(observer.countEntries(4, 13))
    })

    test('is bounded in bytes', async () => {
      const { store, registry } = await start({ maxRunBytes: 20_000 })
      const observer = registry.create(RUN)
      emitEvents(observer, 200)
      await reaches(store, observer)

      const feed = await feedOf(store)

      expect(seqs(feed.entries(0))).toEqual(seqs(observer.entries(0)))
      expect(feed.entries(0).length).toBeLessThan(60)
      expect(feed.gapAfter(0)).toEqual(observer.gapAfter(0))
    })

    test('that begins anew has another epoch, and who followed the old one is told', async () => {
      const { store, registry } = await start()
      const first = registry.create(RUN)
      emitEvents(first, 5)
      endRun(first)
      await reaches(store, first)
      const before = await feedOf(store)
      const gone = new Promise<void>((resolve) => {
        before.listen({ appended: () => {}, disposed: resolve })
      })

      const second = registry.create(RUN)
      emitEvents(second, 1)
      await gone
      await reaches(store, second)
      const after = await feedOf(store)

      expect(after.epoch).not.toBe(before.epoch)
      expect(seqs(after.entries(0))).toEqual([1, 2])
      expect(after.ended).toBe(false)
    })

    test('is summed up as its observer sums it up', async () => {
      const { store, registry } = await start()
      const observer = registry.create(RUN)
      emitEvents(observer, 2)
      observer.emit({ type: 'agent.event', name: 'a', content: 1, namespace: 'sales' })
      endRun(observer)
      await reaches(store, observer)

      const { epoch, ...rest } = observer.summary()
      expect(await store.summary(RUN)).toMatchObject({ ...rest, lastSeenAt: expect.any(Number) })
      expect((await feedOf(store)).epoch).toBe((await store.summary(RUN))?.epoch)
      expect(epoch).toEqual(expect.any(String))
    })
  })

  describe('waiting for a run', () => {
    test('resolves as soon as it is there, for all who wait', async () => {
      const { store, registry } = await start()
      const { signal } = new AbortController()
      const both = Promise.all([store.appears(RUN, signal), store.appears(RUN, signal)])
      emitEvents(registry.create('run-another'), 1)

      emitEvents(registry.create(RUN), 1)

      expect((await both).map((feed) => feed?.randomId)).toEqual([RUN, RUN])
      expect((await store.appears(RUN, signal))?.randomId).toBe(RUN)
      expect((await store.open(RUN))?.randomId).toBe(RUN)
    })

    test('that is given up resolves with nothing and has created nothing', async () => {
      const { store } = await start()
      const gaveUp = new AbortController()
      const waiting = store.appears(RUN, gaveUp.signal)

      gaveUp.abort()

      expect(await waiting).toBeUndefined()
      expect(await store.appears(RUN, gaveUp.signal)).toBeUndefined()
      expect(await store.open(RUN)).toBeUndefined()
      expect((await store.list({ limit: 9 })).runs).toEqual([])
    })

    test('is over when the store is closed', async () => {
      const { store } = await start()
      const waiting = store.appears(RUN, new AbortController().signal)

      await store.close()

      expect(await waiting).toBeUndefined()
      expect(store.ready()).toBe(false)
    })
  })

  describe('the list', () => {
    test('gives every run once, newest first, however it is paged', async () => {
      const { registry, store } = await filled(25)
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

    test('goes on where it was although runs came', async () => {
      const { registry, store } = await filled(10)
      const first = await store.list({ limit: 4 })
      const added = registry.create('run-new-run')
      emitEvents(added, 1)
      await reaches(store, added)

      const second = await store.list({ limit: 4, cursor: first.next ?? undefined })

      expect(first.runs.map(({ randomId }) => randomId).at(-1)).toBe('run-6-run')
      expect(second.runs.map(({ randomId }) => randomId)).toEqual(
        [5, 4, 3, 2].map((at) => `run-${at}-run`),
      )
    })

    test('can be of one status', async () => {
      const { store } = await filled(10)

      const ended = await store.list({ limit: 2, status: 'ok' })
      const rest = await store.list({ limit: 9, status: 'ok', cursor: ended.next ?? undefined })

      expect([...ended.runs, ...rest.runs].map(({ randomId }) => randomId)).toEqual(
        [9, 6, 3, 0].map((at) => `run-${at}-run`),
      )
      expect(rest.next).toBeNull()
    })

    test.each(['', 'x', 'abcdef-1', 'abcdef-1-1', '-'])(
      'refuses the cursor %j, which no page gave',
      async (cursor) => {
        const { store } = await filled(3)
        const asked = async (): Promise<unknown> => store.list({ limit: 2, cursor })
        await expect(asked()).rejects.toMatchObject({ code: 'invalid-cursor' })
      },
    )

    test('leaves out a run that has not begun', async () => {
      const { registry, store } = await start()
      registry.create(RUN)

      expect((await store.list({ limit: 9 })).runs).toEqual([])
    })
  })

  describe('watching', () => {
    test('tells which runs change until it is stopped', async () => {
      const { registry, store } = await start()
      const seen: string[] = []
      const stop = store.watchRuns((randomId) => seen.push(randomId))
      const observer = registry.create(RUN)
      await vi.waitFor(() => {
        emitEvents(observer, 1)
        expect(seen).toContain(RUN)
      }, WAIT)

      stop()
      stop()
      const later = registry.create('run-later-on')
      emitEvents(later, 1)
      await reaches(store, later)

      expect(new Set(seen)).toEqual(new Set([RUN]))
    })

    test('a namespace tells each of its events once to each listener until it is stopped', async () => {
      const { registry, store } = await start()
      const observer = registry.create(RUN)
      const seen: number[] = []
      const emit = (namespace: string): void =>
        observer.emit({ type: 'agent.event', name: 'a', content: 1, namespace })
      const heard = new Set<string>()
      const listener = ({ seq }: FeedEntry): number => seen.push(seq)
      const probes = ['sales', 'sales'].map((namespace, at) =>
        store.watchNamespace(namespace, () => heard.add(`${at}`)),
      )
      await vi.waitFor(() => {
        emit('sales')
        expect(heard.size).toBe(2)
      }, WAIT)
      for (const stop of probes) stop()
      await reaches(store, observer)
      const before = observer.lastSeq
      const stops = [
        store.watchNamespace('sales', listener),
        store.watchNamespace('sales', listener),
      ]
      await store.open(RUN)
      await vi.waitFor(() => {
        emit('sales')
        expect(seen.length).toBeGreaterThan(1)
      }, WAIT)
      await vi.waitFor(() => expect(seen.filter((seq) => seq === seen.at(-1)).length).toBe(2), WAIT)
      stops[0]?.()
      const last = observer.lastSeq
      emit('other')
      emit('sales')
      await vi.waitFor(() => expect(seen).toContain(last + 2), WAIT)
      stops[1]?.()
      emit('sales')
      await reaches(store, observer)

      expect(seen.every((seq) => seq > before)).toBe(true)
      expect(seen.filter((seq) => seq > last)).toEqual([last + 2])
    })
  })

  describe('what is over', () => {
    test('goes after its time, is remembered, and is not in the list', async () => {
      const { registry, store } = await start({ retentionMs: 100 })
      const observer = registry.create(RUN)
      emitEvents(observer, 1)
      const other = registry.create('run-87654321')
      emitEvents(other, 1)
      const feed = await feedOf(store)
      const gone = new Promise<void>((resolve) => {
        feed.listen({ appended: () => {}, disposed: resolve })
      })

      endRun(observer)
      await gone
      await vi.waitFor(async () => expect(await store.wasDisposed(RUN)).toBe(true), WAIT)

      expect(await store.open(RUN)).toBeUndefined()
      expect(await store.summary(RUN)).toBeUndefined()
      expect(await store.wasDisposed('run-87654321')).toBe(false)
      expect((await store.list({ limit: 9 })).runs).toMatchObject([{ randomId: 'run-87654321' }])
    })

    test('makes room for what begins, the oldest finished first, then the longest silent', async () => {
      const { registry, store } = await start({ maxRuns: 3 })
      const names = ['run-1-silent', 'run-2-ended', 'run-3-ended', 'run-4-new', 'run-5-new']
      const last = 'run-6-new'
      for (const name of [...names, last]) {
        const observer = registry.create(name)
        emitEvents(observer, 1)
        if (name.endsWith('ended')) endRun(observer)
        await reaches(store, observer)
      }

      await vi.waitFor(async () => {
        const { runs } = await store.list({ limit: 9 })
        expect(runs.map(({ randomId }) => randomId)).toEqual([last, 'run-5-new', 'run-4-new'])
      }, WAIT)
      for (const name of names.slice(0, 3)) expect(await store.wasDisposed(name)).toBe(true)
      expect(await store.wasDisposed('run-4-new')).toBe(false)
    })
  })

  test('an id is kept for who invokes it, unless there is a run of that id', async () => {
    const { registry, store } = await start()
    const observer = registry.create(RUN)
    emitEvents(observer, 1)
    await reaches(store, observer)

    expect(await store.reserve(RUN, () => {})).toBeUndefined()
    const giveBack = await store.reserve('run-free-free', () => {})
    expect(giveBack).toBeTypeOf('function')
    giveBack?.()
    expect(await store.cancel('run-never-was')).toBe(false)
  })
}
