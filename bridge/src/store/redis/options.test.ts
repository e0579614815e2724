import { describe, expect, test } from 'vitest'
import { createBridge } from '../../create-bridge.ts'
import { type RedisStoreOptions, readRedisOptions, shownUrl } from './options.ts'
import { redisStore } from './redis-store.ts'

describe('options of the store in Redis', () => {
  test('have defaults', () => {
    expect(readRedisOptions({})).toMatchObject({
      url: 'redis://127.0.0.1:6379',
      keyPrefix: 'spancast',
      cluster: false,
      leaseMs: 3000,
      rememberMs: 86_400_000,
      limits: { maxEvents: 1000 },
    })
  })

  test.each([
    [{ url: 'http://host:6379' }, '`url`'],
    [{ url: 'redis://host/not-a-number' }, '`url`'],
    [{ url: 'host:6379' }, '`url`'],
    [{ keyPrefix: '' }, '`keyPrefix`'],
    [{ keyPrefix: '{tag}' }, '`keyPrefix`'],
    [{ leaseMs: 10 }, '`leaseMs`'],
    [{ rememberMs: 999 }, '`rememberMs`'],
    [{ limits: { maxEvents: 0 } }, '`maxEvents`'],
    [{ prefix: 'a' }, '`prefix`'],
  ])('%j is refused by name', (options, name) => {
    // The last one is what a program without types may give.
    const given = options as RedisStoreOptions

    expect(() => redisStore(given)).toThrow(
      expect.objectContaining({ code: 'invalid-option', message: expect.stringContaining(name) }),
    )
  })

  test('a password is shown by no error and no log', () => {
    const url = 'http://me:hunter2@host:6379'
    for (const attempt of [() => redisStore({ url }), () => createBridge({ redisUrl: url })]) {
      expect(attempt).toThrow(
        expect.objectContaining({ message: expect.not.stringContaining('hunter2') }),
      )
    }
    expect(shownUrl('rediss://me:hunter2@host:6380/3')).toBe('rediss://host:6380/3')
  })

  test('are given once: a bridge has one place for its runs', () => {
    const redisUrl = 'redis://127.0.0.1:6379'
    const store = redisStore({ url: redisUrl })

    expect(() => createBridge({ redisUrl, store })).toThrow(
      expect.objectContaining({ code: 'invalid-option' }),
    )
    return store.close()
  })
})
