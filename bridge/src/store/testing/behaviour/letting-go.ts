import { describe, expect, test, vi } from 'vitest'
import { emitEvents, endRun } from '../../../sse/testing/emit.ts'
import { feedOf, type OpenStore, RUN, reaches, WAIT } from './opened-store.ts'

/** What every store lets go of, and what it keeps an id for. */
export function lettingGo(start: OpenStore): void {
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
