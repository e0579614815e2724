import { describe, expect, test } from 'vitest'
import { emitEvents } from '../../../sse/testing/emit.ts'
import { type OpenStore, RUN } from './opened-store.ts'

/** How every store lets readers wait for a run. */
export function waiting(start: OpenStore): void {
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
}
