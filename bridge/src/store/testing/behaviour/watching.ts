import { describe, expect, test, vi } from 'vitest'
import { emitEvents } from '../../../sse/testing/emit.ts'
import type { FeedEntry } from '../../run-store.ts'
import { type OpenStore, RUN, reaches, WAIT } from './opened-store.ts'

/** What every store tells those who watch all runs, or a namespace. */
export function watching(start: OpenStore): void {
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
}
