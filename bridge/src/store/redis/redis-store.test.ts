import { createClient } from '@redis/client'
import { ObserverRegistry } from '@spancast/sdk'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { emitEvents } from '../../sse/testing/emit.ts'
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

  test('takes user, password and database from the URL, and keeps its keys under its prefix', async () => {
    const guarded = await RedisServer.open({
      config: ['--user', ...'me on >pass~word ~* &* +@all'.split(' '), '--user', 'default', 'off'],
    })
    const url = guarded.url.replace('redis://', 'redis://me:pass~word@')
    const store = redisStore({ url: `${url}/3`, keyPrefix: 'mine' })
    const client = createClient({ url: `${url}/3` })
    try {
      await Promise.all([store.opened(), client.connect()])
      const registry = new ObserverRegistry()
      store.record(registry)
      emitEvents(registry.create('run-12345678'), 3)
      await vi.waitFor(async () => {
        expect(await store.summary('run-12345678')).toMatchObject({ lastSeq: 4 })
      })

      const keys = await client.keys('*')

      expect(keys).toContain('mine:run:{run-12345678}')
      expect(keys.every((key) => key.startsWith('mine:'))).toBe(true)
      expect(await client.sendCommand(['SELECT', '0'])).toBe('OK')
      expect(await client.dbSize()).toBe(0)
    } finally {
      await store.close()
      client.destroy()
      await guarded.close()
    }
  })

  test('serves nothing for as long as it is not let in', async () => {
    const guarded = await RedisServer.open({ config: ['--requirepass', 'secret'] })
    const store = redisStore({ url: guarded.url })

    await expect(store.open('run-12345678')).rejects.toMatchObject({ code: 'store-away' })
    expect(store.ready()).toBe(false)

    await store.close()
    await guarded.close()
  })
})
