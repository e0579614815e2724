import { describe, expect, test } from 'vitest'
import { emitEvents } from '../../../sse/testing/emit.ts'
import { filled, type OpenStore, RUN, reaches } from './opened-store.ts'

/** What every store lists. */
export function list(start: OpenStore): void {
  describe('the list', () => {
    test('gives every run once, newest first, however it is paged', async () => {
      const { registry, store } = await filled(start(), 25)
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
      const { registry, store } = await filled(start(), 10)
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
      const { store } = await filled(start(), 10)

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
        const { store } = await filled(start(), 3)
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
}
