import { ReadableStream as NodeReadableStream } from 'node:stream/web'
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

function words(all: readonly string[] = ['a', 'b']): ReadableStream<string> {
  const left = [...all]
  return new ReadableStream(
    {
      pull(controller) {
        const word = left.shift()
        if (word === undefined) controller.close()
        else controller.enqueue(word)
      },
    },
    { highWaterMark: 0 },
  )
}

function bytes(all: readonly string[]): ReadableStream<Uint8Array> {
  const left = all.map((text) => Buffer.from(text))
  return new ReadableStream({
    type: 'bytes',
    pull(controller) {
      const chunk = left.shift()
      if (chunk === undefined) {
        controller.close()
        controller.byobRequest?.respond(0)
      } else {
        controller.enqueue(Uint8Array.from(chunk))
      }
    },
  })
}

async function collect<T>(stream: ReadableStream<T>): Promise<T[]> {
  const all: T[] = []
  for await (const item of stream) all.push(item)
  return all
}

describe('a web stream', () => {
  test('is handed on as one of its kind and ends the call when it is consumed', async () => {
    const call = recordCall()

    const given = settled(words(), call)

    expect(given).toBeInstanceOf(NodeReadableStream)
    expect(await collect(given)).toEqual(['a', 'b'])
    expect(call.told).toEqual(['chunk "a"', 'chunk "b"', 'end "ab"'])
  })

  test('pulls nothing that nobody asked for, and pulls in the call context', async () => {
    const call = recordCall()
    const inside: boolean[] = []
    const stream = settled(
      new ReadableStream(
        {
          pull(controller) {
            inside.push(isInside())
            controller.enqueue(inside.length)
          },
        },
        { highWaterMark: 0 },
      ),
      call,
    )
    await new Promise<void>((resolve) => setImmediate(resolve))
    expect(inside).toEqual([])

    const reader = stream.getReader()
    await reader.read()
    await new Promise<void>((resolve) => setImmediate(resolve))

    expect(inside).toEqual([true])
    expect(isInside()).toBe(false)
  })

  test('passes cancel and its reason on', async () => {
    const call = recordCall()
    let reason: unknown
    const source = new ReadableStream({
      pull: (controller) => controller.enqueue('a'),
      cancel(why) {
        reason = why
      },
    })

    const reader = settled(source, call).getReader()
    await reader.read()
    await reader.cancel('enough')

    expect(reason).toBe('enough')
    expect(call.told).toEqual(['chunk "a"', 'end "a"'])
  })

  test('can be cancelled while a read is waiting', async () => {
    const call = recordCall()
    const reader = settled(new ReadableStream({}), call).getReader()

    const read = reader.read()
    await reader.cancel()

    expect(await read).toEqual({ done: true, value: undefined })
    expect(call.told).toEqual(['end'])
  })

  test('break ends the call', async () => {
    const call = recordCall()

    for await (const _ of settled(words(), call)) break

    expect(call.told).toEqual(['chunk "a"', 'end "a"'])
  })

  test('fails with the same error, also while nobody reads', async () => {
    const [reading, waiting] = [recordCall(), recordCall()]
    const error = new Error('broken')
    const failing = () => new ReadableStream({ start: (controller) => controller.error(error) })

    await expect(settled(failing(), reading).getReader().read()).rejects.toBe(error)
    await expect(settled(failing(), waiting).getReader().closed).rejects.toBe(error)

    expect([reading.told, waiting.told]).toEqual([['fail broken'], ['fail broken']])
  })

  test('closes with its source, whether or not somebody reads on', async () => {
    const call = recordCall()
    const source = new ReadableStream({
      start(controller) {
        controller.enqueue('a')
        controller.close()
      },
    })

    const reader = settled(source, call).getReader()
    await reader.read()
    await reader.closed

    expect(call.told).toEqual(['chunk "a"', 'end "a"'])
  })

  test('can be the body of a Response, piped and teed', async () => {
    const [body, piped, teed] = [recordCall(), recordCall(), recordCall()]

    expect(await new Response(settled(bytes(['a', 'b']), body)).text()).toBe('ab')
    const upper = new TransformStream<string, string>({
      transform: (word, controller) => controller.enqueue(word.toUpperCase()),
    })
    expect(await collect(settled(words(), piped).pipeThrough(upper))).toEqual(['A', 'B'])
    const [left, right] = settled(words(), teed).tee()
    expect(await Promise.all([collect(left), collect(right)])).toEqual([
      ['a', 'b'],
      ['a', 'b'],
    ])

    for (const call of [body, piped, teed]) {
      expect(call.told).toEqual(['chunk "a"', 'chunk "b"', 'end "ab"'])
    }
  })

  test.each([
    ['locked', (stream: ReadableStream) => void stream.getReader()],
    [
      'already read from',
      async (stream: ReadableStream) => {
        const reader = stream.getReader()
        await reader.read()
        reader.releaseLock()
      },
    ],
  ])('that is %s is a value', async (_, begin) => {
    const call = recordCall()
    const stream = words()
    await begin(stream)

    expect(settled(stream, call)).toBe(stream)
    expect(call.told).toHaveLength(1)
  })

  test('that is handed out twice is the same one twice', () => {
    const stream = words()

    expect(settled(stream, recordCall())).toBe(settled(stream, recordCall()))
  })

  test('of a subclass that iterates itself stays the same object', async () => {
    class Iterable extends ReadableStream<string> {
      readonly #reader = this.getReader()
      next(): Promise<{ done: boolean; value?: string | undefined }> {
        return this.#reader.read()
      }
      override [Symbol.asyncIterator](): never {
        return this as never
      }
    }
    const call = recordCall()
    const stream = new Iterable({
      start(controller) {
        controller.enqueue('a')
        controller.close()
      },
    })

    const given = settled(stream, call)
    expect(given).toBe(stream)
    expect(await collect(given)).toEqual(['a'])
    expect(call.told).toEqual(['chunk "a"', 'end "a"'])
  })

  test('that is dropped drops the call', async () => {
    const call = recordCall()
    ;(() => {
      settled(words(), call)
    })()

    await collectGarbageUntil(() => call.told.length > 0)

    expect(call.told).toEqual(['drop'])
  })
})

describe('a byte stream', () => {
  test('stays one: a consumer may bring its own buffer', async () => {
    const call = recordCall()
    const reader = settled(bytes(['hello']), call).getReader({ mode: 'byob' })

    const first = await reader.read(new Uint8Array(3))
    const second = await reader.read(new Uint8Array(3))
    const last = await reader.read(new Uint8Array(3))

    expect([first, second].map(({ value }) => Buffer.from(value ?? []).toString())).toEqual([
      'hel',
      'lo',
    ])
    expect(last.done).toBe(true)
    expect(last.value?.byteLength).toBe(0)
    expect(call.told).toEqual(['chunk "hel"', 'chunk "lo"', 'end "hello"'])
  })

  test('can be cancelled while a read into a buffer is waiting', async () => {
    const call = recordCall()
    const reader = settled(new ReadableStream({ type: 'bytes' }), call).getReader({ mode: 'byob' })

    const read = reader.read(new Uint8Array(3))
    await reader.cancel()

    expect((await read).done).toBe(true)
    expect(call.told).toEqual(['end'])
  })

  test('however it is read, every byte arrives once and in order', async () => {
    const size = fc.oneof(fc.constant(0), fc.integer({ min: 1, max: 7 }))

    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.string({ minLength: 1, maxLength: 9, unit: 'grapheme' }), { maxLength: 6 }),
        fc.array(size, { minLength: 1, maxLength: 6 }),
        async (chunks, sizes) => {
          const call = recordCall()
          const stream = settled(bytes(chunks), call)
          const got: Uint8Array[] = []
          for (let turn = 0; ; turn++) {
            const length = sizes[turn % sizes.length] ?? 0
            // 0 stands for a consumer that takes what comes.
            const reader = length === 0 ? stream.getReader() : stream.getReader({ mode: 'byob' })
            const { done, value } = await ('read' in reader && length === 0
              ? (reader as ReadableStreamDefaultReader<Uint8Array>).read()
              : (reader as ReadableStreamBYOBReader).read(new Uint8Array(length)))
            reader.releaseLock()
            if (done) break
            got.push(value as Uint8Array)
          }

          expect(Buffer.concat(got).toString()).toBe(chunks.join(''))
          expect(call.told.at(-1)).toBe(
            chunks.length === 0 ? 'end' : `end ${JSON.stringify(chunks.join(''))}`,
          )
        },
      ),
    )
  })
})
