import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { Duplex, PassThrough, Readable, Writable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
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

const WORDS = ['chunk "a"', 'chunk "b"', 'end "ab"']

function sink(): { stream: Writable; got: string[] } {
  const got: string[] = []
  const stream = new Writable({
    write(chunk, _encoding, done) {
      got.push(String(chunk))
      done()
    },
  })
  return { stream, got }
}

describe('however it is consumed, a Node stream tells its chunks once and then its end', () => {
  test('for await', async () => {
    const call = recordCall()
    const stream = Readable.from(['a', 'b'])
    const got: unknown[] = []

    const given = settled(stream, call)
    for await (const chunk of given) got.push(chunk)

    expect(given).toBe(stream)
    expect(got).toEqual(['a', 'b'])
    expect(call.told).toEqual(WORDS)
  })

  test("on('data')", async () => {
    const call = recordCall()
    const got: unknown[] = []

    const stream = settled(Readable.from(['a', 'b']), call)
    stream.on('data', (chunk) => got.push(chunk))
    await once(stream, 'end')

    expect(got).toEqual(['a', 'b'])
    expect(call.told).toEqual(WORDS)
  })

  test('read()', async () => {
    const call = recordCall()
    const got: unknown[] = []

    const stream = settled(Readable.from(['a', 'b']), call)
    stream.on('readable', () => {
      for (let chunk = stream.read(); chunk !== null; chunk = stream.read()) got.push(chunk)
    })
    await once(stream, 'end')

    expect(got).toEqual(['a', 'b'])
    expect(call.told).toEqual(WORDS)
  })

  test('pipe', async () => {
    const call = recordCall()
    const { stream, got } = sink()

    settled(Readable.from(['a', 'b']), call).pipe(stream)
    await once(stream, 'finish')

    expect(got).toEqual(['a', 'b'])
    expect(call.told).toEqual(WORDS)
  })

  test('pipeline', async () => {
    const call = recordCall()
    const { stream, got } = sink()

    await pipeline(settled(Readable.from(['a', 'b']), call), new PassThrough(), stream)

    expect(got).toEqual(['a', 'b'])
    expect(call.told).toEqual(WORDS)
  })

  test('as a web stream', async () => {
    const call = recordCall()
    const got: unknown[] = []

    for await (const chunk of Readable.toWeb(settled(Readable.from(['a', 'b']), call)))
      got.push(chunk)

    expect(got).toEqual(['a', 'b'])
    expect(call.told).toEqual(WORDS)
  })

  test('an HTTP response', async () => {
    const server = createServer((_, response) => response.end('body')).listen(0)
    const call = recordCall()
    try {
      const { port } = server.address() as AddressInfo
      const { get } = await import('node:http')
      const [response] = await once(get({ port }), 'response')

      const given = settled(response as Readable, call)
      given.setEncoding('utf8')
      expect(await given.toArray()).toEqual(['body'])
    } finally {
      server.close()
    }

    expect(call.told).toEqual(['chunk "body"', 'end "body"'])
  })
})

test('bytes are told as text, a character in two chunks as one', async () => {
  const call = recordCall()
  const [first, second] = [Buffer.from('é').subarray(0, 1), Buffer.from('é').subarray(1)]

  await settled(Readable.from([first, second, Buffer.from('!')]), call).toArray()

  expect(call.told).toEqual(['chunk "é"', 'chunk "!"', 'end "é!"'])
})

test('objects are told as they are', async () => {
  const call = recordCall()

  await settled(Readable.from([{ a: 1 }]), call).toArray()

  expect(call.told).toEqual(['chunk {"a":1}', 'end'])
})

test('no listener is added and nothing is read before somebody asks', async () => {
  const call = recordCall()
  let reads = 0
  const stream = new Readable({
    read() {
      reads++
      this.push(null)
    },
  })
  const before = stream.eventNames()

  settled(stream, call)
  await new Promise<void>((resolve) => setImmediate(resolve))

  expect(reads).toBe(0)
  expect(stream.eventNames()).toEqual(before)
  expect(stream.readableFlowing).toBe(null)
  expect(Object.keys(stream)).not.toContain('emit')
})

test('what it does to read runs in the call context, its listeners outside of it', async () => {
  const call = recordCall()
  const inside: boolean[] = []
  const stream = settled(
    new Readable({
      read() {
        inside.push(isInside())
        queueMicrotask(() => this.push(inside.length < 2 ? 'x' : null))
      },
    }),
    call,
  )
  const heard: boolean[] = []

  stream.on('data', () => heard.push(isInside()))
  await once(stream, 'end')

  expect(inside).toEqual([true, true])
  expect(heard).toEqual([false])
})

test('an error fails the call and reaches its listeners', async () => {
  const call = recordCall()
  const error = new Error('broken')
  const stream = settled(new Readable({ read() {} }), call)
  const heard = once(stream, 'error')

  stream.destroy(error)

  expect(await heard).toEqual([error])
  expect(call.told).toEqual(['fail broken'])
})

test('an error without a listener is thrown, as without us', () => {
  const call = recordCall()
  const error = new Error('unheard')

  expect(() => settled(new Readable({ read() {} }), call).emit('error', error)).toThrow(error)
  expect(call.told).toEqual(['fail unheard'])
})

test('break ends the call with what was read', async () => {
  const call = recordCall()

  for await (const _ of settled(Readable.from(['a', 'b']), call)) break
  await call.ended

  expect(call.told).toEqual(['chunk "a"', 'end "a"'])
})

test('a duplex that can be read is a stream', async () => {
  const call = recordCall()

  await settled(Duplex.from('both'), call).toArray()

  expect(call.told).toEqual(['chunk "both"', 'end "both"'])
})

test.each([
  ['a writable', () => new Writable()],
  ['a stream that was destroyed', () => new Readable().destroy()],
  ['a duplex that is not readable', () => Object.assign(new Duplex(), { readable: false })],
])('%s is a value', (_, make) => {
  const call = recordCall()
  const stream = make()

  expect(settled(stream, call)).toBe(stream)
  expect(call.told).toHaveLength(1)
})

test('a frozen one ends the call at once', () => {
  const call = recordCall()

  settled(Object.preventExtensions(Readable.from([])), call)

  expect(call.told).toEqual(['end'])
})

test('one that is dropped drops the call', async () => {
  const call = recordCall()
  ;(() => {
    settled(Readable.from(['a']), call)
  })()

  await collectGarbageUntil(() => call.told.length > 0)

  expect(call.told).toEqual(['drop'])
})
