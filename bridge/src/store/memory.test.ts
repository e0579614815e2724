import { ObserverRegistry } from '@spancast/sdk'
import { describe, expect, test } from 'vitest'
import { MemoryStore } from './memory.ts'
import { storeBehaviour } from './testing/store-behaviour.ts'

describe('the store in memory', () => {
  storeBehaviour((limits) => {
    const registry = new ObserverRegistry(limits)
    const store = new MemoryStore(registry)
    return Promise.resolve({ store, registry, close: () => store.close() })
  })

  test('knows the cursors of its own pages alone', async () => {
    const store = new MemoryStore(new ObserverRegistry())

    await expect(store.list({ limit: 2, cursor: '1' })).rejects.toMatchObject({
      code: 'invalid-cursor',
    })
  })
})
