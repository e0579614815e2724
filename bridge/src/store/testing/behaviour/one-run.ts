import { describe, expect, test } from 'vitest'
import { emitChunks, emitEvents, endRun } from '../../../sse/testing/emit.ts'
import { feedOf, holds, type OpenStore, RUN, reaches, seqsOf } from './opened-store.ts'

/** What every store does with one run. */
export function oneRun(start: OpenStore): void {
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
      expect(seqsOf(feed.entries(0))).toEqual([1, 2, 3, 4, 5, 6, 7, 8])
      expect(seqsOf(feed.entries(2, 3))).toEqual([3, 4, 5])
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
      expect(seqsOf(feed.entries(0))).toEqual(seqsOf(observer.entries(0)))
      expect(seqsOf(feed.entries(0))).toEqual([3, 4, 12, 13, 14, 15, 16, 17])
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

      expect(seqsOf(feed.entries(0))).toEqual(seqsOf(observer.entries(0)))
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
      expect(seqsOf(after.entries(0))).toEqual([1, 2])
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
}
