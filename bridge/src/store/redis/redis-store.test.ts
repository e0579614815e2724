import { ObserverRegistry } from '@spancast/sdk'
import { afterAll, beforeAll, describe } from 'vitest'
import { RedisServer, redisMissing } from '../testing/redis-server.ts'
import { storeBehaviour } from '../testing/store-behaviour.ts'
import { redisStore } from './redis-store.ts'

if (redisMissing !== undefined) process.stderr.write(`${redisMissing}\n`)

describe.skipIf(redisMissing !== undefined)('the store in Redis', () => {
  let server: RedisServer
  let stores = 0
  beforeAll(async () => {
    server = await RedisServer.open()
  })
  afterAll(() => server.close())

  storeBehaviour(async (limits = {}) => {
    const registry = new ObserverRegistry(limits)
    const store = redisStore({ url: server.url, keyPrefix: `test${stores++}`, limits })
    await store.opened()
    store.record(registry)
    return { store, registry, close: () => store.close() }
  })
})
