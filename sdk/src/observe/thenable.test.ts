import { spawnSync } from 'node:child_process'
import { context } from '@opentelemetry/api'
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { collectGarbageUntil } from '../testing/collect-garbage.ts'
import { settle } from './settle.ts'
import { isInside, type RecordedCall, recordCall } from './testing/recorded-call.ts'

beforeAll(() => {
  context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable())
})
afterAll(() => {
  context.disable()
})

function settled<T>(result: T, call: RecordedCall): T {
  return settle(result, call) as T
}

async function* words(): AsyncGenerator<string> {
  yield 'a'
  yield 'b'
}

/** Runs its query when asked, each time anew, as query builders do. */
class LazyQuery {
  started = 0
  ranInside: boolean | undefined
  readonly #rows: unknown

  constructor(rows: unknown) {
    this.#rows = rows
  }

  // biome-ignore lint/suspicious/noThenProperty: a thenable is what is under test
  then(ok?: (rows: unknown) => unknown, fail?: (error: unknown) => unknown): Promise<unknown> {
    this.started++
    this.ranInside = isInside()
    return (
      this.#rows instanceof Error ? Promise.reject(this.#rows) : Promise.resolve(this.#rows)
    ).then(ok, fail)
  }
}

class TaggedPromise<T> extends Promise<T> {
  readonly #tag = 'tag'
  get tag(): string {
    return this.#tag
  }
}

describe('a native promise', () => {
  test('gives a native promise and ends the call with its value', async () => {
    const call = recordCall()

    const promise = settled(Promise.resolve('x'), call)

    expect(Object.getPrototypeOf(promise)).toBe(Promise.prototype)
    expect(call.told).toEqual([])
    expect(await promise).toBe('x')
    expect(call.told).toEqual(['end "x"'])
  })

  test('rejects with the same error', async () => {
    const call = recordCall()
    const error = new Error('boom')

    await expect(settled(Promise.reject(error), call)).rejects.toBe(error)
    expect(call.told).toEqual(['fail boom'])
  })

  test('keeps what somebody put on it', async () => {
    const call = recordCall()
    let cancelled = false
    const promise = Object.assign(Promise.resolve(1), {
      cancel: () => {
        cancelled = true
      },
    })

    const given = settled(promise, call)
    given.cancel()

    expect(cancelled).toBe(true)
    expect(await given).toBe(1)
  })

  test('of a stream ends the call when the stream is consumed', async () => {
    const call = recordCall()

    const generator = await settled(Promise.resolve(words()), call)
    expect(call.told).toEqual([])
    for await (const _ of generator) {
      // consumed
    }

    expect(call.told).toEqual(['chunk "a"', 'chunk "b"', 'end "ab"'])
  })
})

describe('a promise subclass', () => {
  test('comes back as the same object, private fields and all, and ends the call', async () => {
    const call = recordCall()
    const promise = TaggedPromise.resolve('x') as TaggedPromise<string>

    const given = settled(promise, call)

    expect(given).toBe(promise)
    expect(given.tag).toBe('tag')
    expect(Object.keys(given)).toEqual([])
    expect(await given).toBe('x')
    expect(call.told).toEqual(['end "x"'])
  })

  test.each([
    ['catch', async (p: Promise<unknown>) => p.catch((error: Error) => error.message)],
    [
      'then with two callbacks',
      async (p: Promise<unknown>) => p.then(null, (e: Error) => e.message),
    ],
    [
      'finally',
      async (p: Promise<unknown>) => p.finally(() => {}).catch((error: Error) => error.message),
    ],
  ])('tells a rejection that is handled with %s', async (_, handle) => {
    const call = recordCall()

    expect(await handle(settled(TaggedPromise.reject(new Error('boom')), call))).toBe('boom')
    expect(call.told).toEqual(['fail boom'])
  })

  test('runs callbacks in the context of whoever gave them', async () => {
    const call = recordCall()

    const inside = await settled(TaggedPromise.resolve(1), call).then(() => isInside())

    expect(inside).toBe(false)
  })
})

/** As the clients of OpenAI and Anthropic make them: the answer is there before its value is read. */
class ApiPromise<T> extends Promise<T> {
  readonly #response: Promise<{ readonly status: number; readonly read: () => T }>
  #parsed: Promise<T> | undefined

  constructor(response: Promise<{ readonly status: number; readonly read: () => T }>) {
    // biome-ignore lint/suspicious/noExplicitAny: the value of the promise itself is never asked for
    super((resolve) => resolve(null as any))
    this.#response = response
  }

  static override get [Symbol.species](): PromiseConstructor {
    return Promise
  }

  parse(): Promise<T> {
    this.#parsed ??= this.#response.then(({ read }) => read())
    return this.#parsed
  }

  asResponse(): Promise<{ readonly status: number }> {
    return this.#response
  }

  async withResponse(): Promise<{ data: T; status: number }> {
    const [data, { status }] = await Promise.all([this.parse(), this.asResponse()])
    return { data, status }
  }

  // biome-ignore lint/suspicious/noThenProperty: a thenable is what is under test
  override then<A = T, B = never>(
    ok?: ((value: T) => A | PromiseLike<A>) | null,
    fail?: ((error: unknown) => B | PromiseLike<B>) | null,
  ): Promise<A | B> {
    return this.parse().then(ok, fail)
  }
}

describe('a promise of a generated client', () => {
  const answered = (read: () => unknown) =>
    new ApiPromise<unknown>(Promise.resolve({ status: 200, read }))
  const fails = (): never => {
    throw new Error('no JSON')
  }

  test('ends the call with its value, once, whether it is awaited or asked for its response too', async () => {
    const [awaited, both] = [recordCall(), recordCall()]

    expect(
      await settled(
        answered(() => 'x'),
        awaited,
      ),
    ).toBe('x')
    const promise = settled(
      answered(() => 'x'),
      both,
    )
    expect(await promise.withResponse()).toEqual({ data: 'x', status: 200 })
    expect(await promise).toBe('x')

    expect([awaited.told, both.told]).toEqual([['end "x"'], ['end "x"']])
  })

  test('tells a failure of either', async () => {
    const call = recordCall()

    await expect(settled(answered(fails), call).withResponse()).rejects.toThrow('no JSON')

    expect(call.told).toEqual(['fail no JSON'])
  })

  test('of a stream ends the call when the stream is consumed', async () => {
    const call = recordCall()
    const { data } = await settled(answered(words), call).withResponse()
    for await (const _ of data as AsyncIterable<string>);

    expect(call.told).toEqual(['chunk "a"', 'chunk "b"', 'end "ab"'])
  })

  test('ends the call without a value when nothing but its response is wanted', async () => {
    const call = recordCall()

    expect(await settled(answered(fails), call).asResponse()).toMatchObject({ status: 200 })

    expect(call.told).toEqual(['end'])
  })
})

describe('a thenable', () => {
  test('is not started until the caller asks, and then runs in the call context', async () => {
    const call = recordCall()
    const query = new LazyQuery([1])

    const given = settled(query, call)
    expect(given).toBe(query)
    expect(query.started).toBe(0)

    expect(await given).toEqual([1])
    expect(query.started).toBe(1)
    expect(query.ranInside).toBe(true)
    expect(call.told).toEqual(['end [1]'])
  })

  test('may be asked again; the first outcome counts', async () => {
    const call = recordCall()
    const query = settled(new LazyQuery('rows'), call)

    expect([await query, await query]).toEqual(['rows', 'rows'])
    expect(query.started).toBe(2)
    expect(call.told).toEqual(['end "rows"'])
  })

  test('of a web stream gives the same stream each time', async () => {
    const call = recordCall()
    const query = settled(new LazyQuery(new ReadableStream()), call)

    expect(await query).toBe(await query)
  })

  test('gets no callback that the caller did not give where it might mind', async () => {
    const call = recordCall()
    const given: unknown[] = []
    const odd = {
      // biome-ignore lint/suspicious/noThenProperty: a thenable is what is under test
      then(ok: unknown, fail?: unknown) {
        given.push(typeof ok, typeof fail)
      },
    }

    settled(odd, call).then(() => {})

    expect(given).toEqual(['function', 'undefined'])
  })

  test('that throws when asked fails the call and throws the same error', () => {
    const call = recordCall()
    const error = new Error('no')
    const odd = settled(
      {
        // biome-ignore lint/suspicious/noThenProperty: a thenable is what is under test
        then(_ok: unknown) {
          throw error
        },
      },
      call,
    )

    expect(() => odd.then(() => {})).toThrow(error)
    expect(call.told).toEqual(['fail no'])
  })

  test('whose catch leads past its then is watched all the same', async () => {
    class Api extends Promise<unknown> {
      readonly #parsed: Promise<unknown>
      constructor(parsed: Promise<unknown>) {
        super((resolve) => resolve(null))
        this.#parsed = parsed
      }
      // biome-ignore lint/suspicious/noThenProperty: a thenable is what is under test
      override then(...args: Parameters<Promise<unknown>['then']>): never {
        return this.#parsed.then(...args) as never
      }
      override catch(...args: Parameters<Promise<unknown>['catch']>): never {
        return this.#parsed.catch(...args) as never
      }
      override finally(...args: Parameters<Promise<unknown>['finally']>): never {
        return this.#parsed.finally(...args) as never
      }
    }
    const [fails, recovers, succeeds] = [recordCall(), recordCall(), recordCall()]

    await expect(
      settled(new Api(Promise.reject(new Error('a'))), fails).finally(),
    ).rejects.toThrow()
    expect(
      await settled(new Api(Promise.reject(new Error('b'))), recovers).catch(() => 'saved'),
    ).toBe('saved')
    expect(await settled(new Api(Promise.resolve('c')), succeeds).catch(() => {})).toBe('c')

    expect([fails.told, recovers.told, succeeds.told]).toEqual([
      ['fail a'],
      ['fail b'],
      ['end "c"'],
    ])
  })

  test('that is frozen ends the call at once', async () => {
    const call = recordCall()
    const query = Object.freeze(TaggedPromise.resolve(1))

    expect(settled(query, call)).toBe(query)
    expect(call.told).toEqual(['end'])
    expect(await query).toBe(1)
  })

  test('that can be iterated ends the call either way', async () => {
    const call = recordCall()
    const query = Object.assign(new LazyQuery(1), { [Symbol.asyncIterator]: words })

    for await (const _ of settled(query, call)) {
      // consumed
    }

    expect(query.started).toBe(0)
    expect(call.told).toEqual(['chunk "a"', 'chunk "b"', 'end "ab"'])
  })

  test('that nobody asks is dropped with the last reference to it', async () => {
    const call = recordCall()
    ;(() => {
      settled(new LazyQuery(1), call)
    })()

    await collectGarbageUntil(() => call.told.length > 0)

    expect(call.told).toEqual(['drop'])
  })
})

test.each([
  ['native', 'Promise'],
  ['subclass', 'class extends Promise {}'],
])('an unhandled rejection stays unhandled, once: %s', (_, type) => {
  const settleUrl = new URL('./settle.ts', import.meta.url).href
  const program = `
    const { settle } = await import(${JSON.stringify(settleUrl)})
    const call = { chunk() {}, end() {}, fail() {}, drop() {}, startClock() {} }
    process.on('unhandledRejection', (error) => console.log('unhandled', error.message))
    const Type = ${type}
    settle(Type.reject(new Error('one')), call)
    settle(Type.reject(new Error('two')), call).catch(() => {})
    settle(Type.reject(new Error('three')), call).then(() => {})
  `
  const child = spawnSync(
    process.execPath,
    ['--import', 'tsx', '--input-type=module', '-e', program],
    {
      encoding: 'utf8',
    },
  )

  expect(child.stderr).toBe('')
  expect(child.stdout.trim().split('\n').sort()).toEqual(['unhandled one', 'unhandled three'])
})
