import { context } from '@opentelemetry/api'
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { settle } from './settle.ts'
import { recordCall } from './testing/recorded-call.ts'

beforeAll(() => {
  context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable())
})
afterAll(() => {
  context.disable()
})

describe('a value', () => {
  test.each([
    ['a string', 'text', 'end "text"'],
    ['undefined', undefined, 'end undefined'],
    ['null', null, 'end null'],
    ['an object', { a: 1 }, 'end {"a":1}'],
    ['an array', [1, 2], 'end [1,2]'],
    ['a Map', new Map([[1, 2]]), 'end {}'],
    ['bytes', new Uint8Array([1]), 'end {"0":1}'],
    ['an iterator over a collection', new Map().values(), 'end {}'],
    ['an iterable without next', { *[Symbol.iterator]() {} }, 'end {}'],
    ['an object with a next of its own', { next: 1 }, 'end {"next":1}'],
    // biome-ignore lint/suspicious/noThenProperty: not being a thenable is what is under test
    ['an object with a then that is no function', { then: 1 }, 'end {"then":1}'],
    ['an AbortSignal', AbortSignal.abort(), 'end {}'],
  ])('%s ends the call at once and comes back as it is', (_, result, told) => {
    const call = recordCall()

    expect(settle(result, call)).toBe(result)
    expect(call.told).toEqual([told])
  })

  test('a fetch Response is a value, its body unread', () => {
    const call = recordCall()
    const response = new Response('body')

    expect(settle(response, call)).toBe(response)
    expect(response.bodyUsed).toBe(false)
    expect(call.told).toHaveLength(1)
  })

  test('no getter is run to find out what it is', () => {
    const call = recordCall()
    const read: string[] = []
    const result = Object.defineProperties(
      {},
      Object.fromEntries(
        ['then', 'next', 'pipe', 'on', 'read', 'getReader', 'locked'].map((key) => [
          key,
          {
            get: () => {
              read.push(key)
              throw new Error('hostile')
            },
          },
        ]),
      ),
    )

    expect(settle(result, call)).toBe(result)
    expect(read).toEqual([])
    expect(call.told).toHaveLength(1)
  })

  test('a revoked Proxy is a value', () => {
    const call = recordCall()
    const { proxy, revoke } = Proxy.revocable({}, {})
    revoke()

    expect(settle(proxy, call) === proxy).toBe(true)
    expect(call.told).toEqual(['end (unreadable)'])
  })

  test('a Proxy with traps that throw or that never come to an end is a value', () => {
    const throwing = new Proxy(
      {},
      {
        has: () => {
          throw new Error('has')
        },
      },
    )
    const endless: object = new Proxy({}, { has: () => true, getPrototypeOf: () => endless })

    for (const result of [throwing, endless]) {
      const call = recordCall()
      expect(settle(result, call) === result).toBe(true)
      expect(call.told).toHaveLength(1)
    }
  })

  test('a Proxy around a promise comes back and can still be used as far as it could', () => {
    const call = recordCall()
    const proxy = new Proxy(Promise.resolve(1), {})

    expect(settle(proxy, call) === proxy).toBe(true)
    expect(call.told).toHaveLength(1)
  })
})

test('whatever is returned, settle hands it on, tells one end and never throws', () => {
  fc.assert(
    fc.property(
      fc.anything({ withMap: true, withSet: true, withTypedArray: true, withNullPrototype: true }),
      (result) => {
        const call = recordCall()

        expect(Object.is(settle(result, call), result)).toBe(true)
        expect(call.told).toHaveLength(1)
      },
    ),
  )
})
