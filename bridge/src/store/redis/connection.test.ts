import { createClient } from '@redis/client'
import { ObserverRegistry } from '@spancast/sdk'
import { afterAll, beforeAll, describe, expect, onTestFinished, test, vi } from 'vitest'
import { emitEvents } from '../../sse/testing/emit.ts'
import { HoldingProxy } from '../testing/holding-proxy.ts'
import { RedisServer, redisMissing } from '../testing/redis-server.ts'
import { answerWithin } from './answer-within.ts'
import { RedisConnection } from './connection.ts'
import { Keys } from './keys.ts'
import { readRedisOptions } from './options.ts'
import { redisStore } from './redis-store.ts'
import { script } from './script.ts'
import { ALIAS } from './share-scripts.ts'

if (redisMissing !== undefined) process.stderr.write(`${redisMissing}\n`)

const WAIT = { timeout: 15_000, interval: 5 }
const RUN = 'run-with-a-name'
/** What the server writes for 1. */
const ANSWER = ':1\r\n'

describe.skipIf(redisMissing !== undefined)('a server that is there', () => {
  let server: RedisServer
  let client: ReturnType<typeof createClient>
  beforeAll(async () => {
    server = await RedisServer.open()
    client = createClient({ url: server.url })
    await client.connect()
  })
  afterAll(async () => {
    client.destroy()
    await server.close()
  })

  async function isHeard(channel: string): Promise<void> {
    await vi.waitFor(async () => {
      expect(await client.pubSubShardNumSub([channel])).toMatchObject({ [channel]: 1 })
    }, WAIT)
  }

  test('is not taken for away because a run is given another name while it is looked for', async () => {
    const proxy = await HoldingProxy.open(server.port)
    onTestFinished(() => proxy.close())
    const store = redisStore({ url: `redis://127.0.0.1:${proxy.port}`, keyPrefix: 'named' })
    onTestFinished(() => store.close())
    await store.opened()
    const registry = new ObserverRegistry()
    store.record(registry)
    const others = ['run-other-1', 'run-other-2', 'run-other-3']
    for (const id of [RUN, ...others]) emitEvents(registry.create(id), 1)
    await vi.waitFor(async () => {
      expect((await store.list({ limit: 9 })).runs).toHaveLength(4)
    }, WAIT)
    const keys = new Keys('named')
    const other = 'another-name'

    const release = await vi.waitFor(() => proxy.hold('ssubscribe'), WAIT)
    const found = store.open(other)
    await isHeard(keys.live(other))
    await client.eval(ALIAS.source, {
      keys: [keys.alias(other), keys.live(other)],
      arguments: [RUN, '60000'],
    })
    // The answers to these come in one piece with what is said to the first.
    const besides = Promise.all(others.map((id) => store.open(id)))
    for (const id of others) await isHeard(keys.live(id))
    release()

    expect((await found)?.randomId).toBe(RUN)
    expect((await besides).map((feed) => feed?.randomId)).toEqual(others)
  })

  test('is not taken for away while much that was asked of it is still being answered', async () => {
    const proxy = await HoldingProxy.open(server.port)
    onTestFinished(() => proxy.close())
    const url = `redis://127.0.0.1:${proxy.port}`
    const connection = new RedisConnection(readRedisOptions({ url }))
    onTestFinished(() => connection.close())
    await connection.open()
    const away = vi.fn()
    connection.listen({ back: () => {}, away })
    const ask = (): Promise<unknown> => connection.run(script('return 1'), ['key'], [])
    await ask()

    const release = proxy.hold('evalsha')
    const asked = Array.from({ length: 14 }, ask)
    // One answer at a time, so that the connection's own question waits longer than it should.
    const letting = setInterval(() => release(ANSWER.length), 300)
    onTestFinished(() => clearInterval(letting))

    expect(await Promise.all(asked)).toEqual(asked.map(() => 1))
    expect(connection.ready).toBe(true)
    expect(away).not.toHaveBeenCalled()
  })

  test('has as long to answer as it was told, however long this process was held up', async () => {
    const asked = client.ping()
    // Written, and answered while nobody here can read.
    await new Promise((resolve) => setImmediate(resolve))
    const answer = answerWithin(asked, 200)

    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 500)

    expect(await answer).toBe('PONG')
    await expect(answerWithin(new Promise(() => {}), 20)).rejects.toThrow('20 ms')
  })
})
