import { context } from '@opentelemetry/api'
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks'
import fc from 'fast-check'
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

async function collect<T>(from: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = []
  for await (const item of from) all.push(item)
  return all
}

describe('a sync generator', () => {
  function* count(): Generator<string, string, string> {
    const sent = yield 'a'
    yield sent
    return 'returned'
  }

  test('stays the same object and the call ends when it is done', () => {
    const call = recordCall()
    const generator = count()

    const given = settled(generator, call)

    expect(given).toBe(generator)
    expect(given).toBeInstanceOf(count)
    expect(Object.keys(given)).toEqual([])
    expect(call.told).toEqual([])
    expect(given.next()).toEqual({ value: 'a', done: false })
    expect(given.next('sent')).toEqual({ value: 'sent', done: false })
    expect(given.next()).toEqual({ value: 'returned', done: true })
    expect(call.told).toEqual(['chunk "a"', 'chunk "sent"', 'end "asent"'])
  })

  test('its return value is the output where the chunks are not text', () => {
    const call = recordCall()

    const all = [
      ...settled(
        (function* () {
          yield 1
          yield 'b'
          return { sum: 1 }
        })(),
        call,
      ),
    ]

    expect(all).toEqual([1, 'b'])
    expect(call.told).toEqual(['chunk 1', 'chunk "b"', 'end {"sum":1}'])
  })

  test('break ends the call and the generator', () => {
    const call = recordCall()
    let cleanedUp = false
    const generator = settled(
      (function* () {
        try {
          yield 'a'
          yield 'b'
        } finally {
          cleanedUp = isInside()
        }
      })(),
      call,
    )

    for (const _ of generator) break

    expect(cleanedUp).toBe(true)
    expect(call.told).toEqual(['chunk "a"', 'end "a"'])
  })

  test('a throw inside fails the call with the same error', () => {
    const call = recordCall()
    const error = new Error('boom')
    const generator = settled(
      (function* () {
        yield 1
        throw error
      })(),
      call,
    )

    expect(() => [...generator]).toThrow(error)
    expect(call.told).toEqual(['chunk 1', 'fail boom'])
  })
})

describe('an async generator', () => {
  test('runs in the call context, its consumer outside of it', async () => {
    const call = recordCall()
    const inside: boolean[] = []
    const generator = settled(
      (async function* () {
        inside.push(isInside())
        yield 1
        await null
        inside.push(isInside())
        yield 2
      })(),
      call,
    )
    const outside: boolean[] = []

    for await (const _ of generator) outside.push(isInside())

    expect(inside).toEqual([true, true])
    expect(outside).toEqual([false, false])
    expect(call.told).toEqual(['chunk 1', 'chunk 2', 'end'])
  })

  test('takes several next calls at once, in order', async () => {
    const call = recordCall()
    const generator = settled(
      (async function* () {
        for (const word of ['a', 'b', 'c']) {
          await null
          yield word
        }
      })(),
      call,
    )

    const results = await Promise.all([
      generator.next(),
      generator.next(),
      generator.next(),
      generator.next(),
    ])

    expect(results.map(({ value }) => value)).toEqual(['a', 'b', 'c', undefined])
    expect(call.told).toEqual(['chunk "a"', 'chunk "b"', 'chunk "c"', 'end "abc"'])
  })

  test('throw() that nobody catches fails the call', async () => {
    const call = recordCall()
    const generator = settled(
      (async function* () {
        yield 1
      })(),
      call,
    )
    const error = new Error('stop')

    await generator.next()
    await expect(generator.throw(error)).rejects.toBe(error)

    expect(call.told).toEqual(['chunk 1', 'fail stop'])
  })

  test('nothing is pulled that nobody asked for', async () => {
    const call = recordCall()
    let produced = 0
    const generator = settled(
      (async function* () {
        while (true) yield ++produced
      })(),
      call,
    )

    expect(produced).toBe(0)
    await generator.next()
    await generator.next()
    expect(produced).toBe(2)
  })

  test('that is dropped drops the call', async () => {
    const call = recordCall()
    await (async () => {
      const generator = settled(
        (async function* () {
          yield 1
          yield 2
        })(),
        call,
      )
      await generator.next()
    })()

    await collectGarbageUntil(() => call.told.length > 1)

    expect(call.told).toEqual(['chunk 1', 'drop'])
  })

  test('that is frozen ends the call at once and works', async () => {
    const call = recordCall()
    const generator = Object.freeze(
      (async function* () {
        yield 1
      })(),
    )

    expect(await collect(settled(generator, call))).toEqual([1])
    expect(call.told).toEqual(['end'])
  })

  test('handed through two observed calls tells both', async () => {
    const [inner, outer] = [recordCall(), recordCall()]
    const generator = (async function* () {
      yield 'a'
    })()

    expect(await collect(settled(settled(generator, inner), outer))).toEqual(['a'])
    expect(inner.told).toEqual(['chunk "a"', 'end "a"'])
    expect(outer.told).toEqual(['chunk "a"', 'end "a"'])
  })
})

describe('an iterator of a class', () => {
  class Countdown {
    #left = 2;
    [Symbol.iterator](): this {
      return this
    }
    next(): { done: boolean; value: number } {
      return { done: this.#left === 0, value: this.#left === 0 ? 0 : this.#left-- }
    }
  }

  test('keeps its private state', () => {
    const call = recordCall()

    expect([...settled(new Countdown(), call)]).toEqual([2, 1])
    expect(call.told).toEqual(['chunk 2', 'chunk 1', 'end 0'])
  })

  test('without a return hears of a break, and goes on if it is asked to', () => {
    const call = recordCall()
    const countdown = settled(new Countdown(), call)

    for (const _ of countdown) break

    expect(call.told).toEqual(['chunk 2', 'end'])
    expect([...countdown]).toEqual([1])
  })
})

describe('an async iterable', () => {
  class TokenStream {
    readonly #tokens: readonly string[]
    constructor(tokens: readonly string[]) {
      this.#tokens = tokens
    }
    async *[Symbol.asyncIterator](): AsyncGenerator<string> {
      for (const token of this.#tokens) {
        if (token === 'bad') throw new Error('bad token')
        yield token
      }
    }
  }

  test('stays the same object; the first iteration is the observed one', async () => {
    const call = recordCall()
    const stream = new TokenStream(['a', 'b'])

    const given = settled(stream, call)
    expect(given).toBe(stream)
    expect(Object.getOwnPropertySymbols(given)).toHaveLength(1)
    expect(Object.keys(given)).toEqual([])

    expect(await collect(given)).toEqual(['a', 'b'])
    expect(await collect(given)).toEqual(['a', 'b'])
    expect(call.told).toEqual(['chunk "a"', 'chunk "b"', 'end "ab"'])
  })

  test('break ends the call', async () => {
    const call = recordCall()

    for await (const _ of settled(new TokenStream(['a', 'b']), call)) break

    expect(call.told).toEqual(['chunk "a"', 'end "a"'])
  })

  test('an error fails the call', async () => {
    const call = recordCall()

    await expect(collect(settled(new TokenStream(['a', 'bad']), call))).rejects.toThrow('bad token')
    expect(call.told).toEqual(['chunk "a"', 'fail bad token'])
  })

  test('that is never iterated drops the call', async () => {
    const call = recordCall()
    ;(() => {
      settled(new TokenStream([]), call)
    })()

    await collectGarbageUntil(() => call.told.length > 0)

    expect(call.told).toEqual(['drop'])
  })

  test('whose iterator outlives it is not dropped', async () => {
    const call = recordCall()
    const iterator = (() => {
      const source = ['a']
      return settled(
        {
          [Symbol.asyncIterator]: () => ({
            next: async () => ({ done: source.length === 0, value: source.pop() }),
          }),
        },
        call,
      )[Symbol.asyncIterator]()
    })()
    const control = recordCall()
    ;(() => {
      settled(new TokenStream([]), control)
    })()

    await collectGarbageUntil(() => control.told.length > 0)

    expect(call.told).toEqual([])
    await iterator.next()
    await iterator.next()
    expect(call.told).toEqual(['chunk "a"', 'end "a"'])
  })

  test('that iterates itself is watched once', async () => {
    const call = recordCall()
    const items = ['a', 'b']
    const stream = {
      next: async () => ({ done: items.length === 0, value: items.shift() }),
      [Symbol.asyncIterator]() {
        return this
      },
    }

    expect(await collect(settled(stream, call))).toEqual(['a', 'b'])
    expect(call.told).toEqual(['chunk "a"', 'chunk "b"', 'end "ab"'])
  })

  test('a cursor, whose next gives bare rows, is watched where it is iterated', async () => {
    const call = recordCall()
    const rows = [{ id: 1 }, { id: 2 }]
    const cursor = {
      next: async () => rows.shift() ?? null,
      async *[Symbol.asyncIterator]() {
        for (let row = await cursor.next(); row !== null; row = await cursor.next()) yield row
      },
    }

    expect(await collect(settled(cursor, call))).toEqual([{ id: 1 }, { id: 2 }])
    expect(call.told).toEqual(['chunk {"id":1}', 'chunk {"id":2}', 'end'])
  })

  test('that throws when it is to be iterated fails the call with the same error', () => {
    const call = recordCall()
    const error = new Error('closed')
    const stream = {
      [Symbol.asyncIterator](): AsyncIterator<never> {
        throw error
      },
    }

    expect(() => settled(stream, call)[Symbol.asyncIterator]()).toThrow(error)
    expect(call.told).toEqual(['fail closed'])
  })
})

test('the output keeps 64 Ki characters of the text, the chunks all of it', () => {
  const call = recordCall()
  const chunk = 'x'.repeat(40_000)

  const all = [...settled(two(chunk), call)]

  expect(all).toEqual([chunk, chunk])
  expect(call.told.at(-1)).toBe(`end "${'x'.repeat(65_536)}"`)
})

function* two(chunk: string): Generator<string> {
  yield chunk
  yield chunk
}

test('however a generator is stepped, its consumer sees what it would have seen without us', async () => {
  const step = fc.oneof(
    fc.constant(['next'] as const),
    fc.constant(['next', 'sent'] as const),
    fc.constant(['return', 'left'] as const),
    fc.constant(['throw', 'thrown'] as const),
  )
  async function* body(caught: boolean): AsyncGenerator<unknown, unknown, unknown> {
    for (let i = 0; i < 3; i++) {
      try {
        yield [i, yield i]
      } catch (error) {
        if (!caught) throw error
        yield ['caught', error]
      }
    }
    return 'done'
  }
  const play = (
    generator: AsyncGenerator<unknown, unknown, unknown>,
    steps: readonly (readonly string[])[],
  ) =>
    Promise.allSettled(
      steps.map(([name, value]) =>
        name === 'next'
          ? generator.next(value)
          : name === 'return'
            ? generator.return(value)
            : generator.throw(value),
      ),
    )

  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 8 }), fc.boolean(), async (steps, caught) => {
      const call = recordCall()

      expect(await play(settled(body(caught), call), steps)).toEqual(
        await play(body(caught), steps),
      )
      expect(call.told.filter((line) => !line.startsWith('chunk')).length).toBeLessThanOrEqual(1)
    }),
  )
})
