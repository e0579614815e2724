import { ObserverRegistry } from '@spancast/sdk'
import { afterAll, beforeAll, describe } from 'vitest'
import { RedisCluster } from '../testing/redis-cluster.ts'
import { redisMissing } from '../testing/redis-server.ts'
import { storeBehaviour } from '../testing/store-behaviour.ts'
import { redisStore } from './redis-store.ts'

if (redisMissing !== undefined) process.stderr.write(`${redisMissing}\n`)

describe.skipIf(redisMissing !== undefined)('the store in a cluster of Redis', () => {
  let cluster: RedisCluster
  let stores = 0
  beforeAll(async () => {
    cluster = await RedisCluster.open()
  }, 60_000)
  afterAll(() => cluster.close())

  storeBehaviour(async (limits = {}) => {
    const registry = new ObserverRegistry(limits)
    const keyPrefix = `test${stores++}`
    const store = redisStore({ url: cluster.url, cluster: true, keyPrefix, limits })
    await store.opened()
    store.record(registry)
    return { store, registry, close: () => store.close() }
  })
})
