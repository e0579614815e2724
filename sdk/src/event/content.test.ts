import { Readable } from 'node:stream'
import fc from 'fast-check'
import { describe, expect, test, vi } from 'vitest'
import { collectGarbageUntil } from '../testing/collect-garbage.ts'
import { type Captured, type ContentRules, capture, publish } from './content.ts'
import { pointsInto } from './json-pointer.ts'
import { mayHoldSecret } from './secrets.ts'

const MIB = 1_048_576
const heapUsed = (): number => process.memoryUsage().heapUsed

const RULES: ContentRules = { maxContentBytes: 32_768 }

const jsonOf = (captured: Captured): string =>
  typeof captured === 'string' ? captured : captured.json
const cutsOf = (captured: Captured): readonly string[] =>
  typeof captured === 'string' ? [] : captured.truncated
const snapshot = (value: unknown): unknown => JSON.parse(jsonOf(capture(value, 32_768)))

const anything: fc.Arbitrary<unknown> = fc.anything({
  withBigInt: true,
  withBoxedValues: true,
  withDate: true,
  withMap: true,
  withSet: true,
  withNullPrototype: true,
  withObjectString: true,
  withSparseArray: true,
  withTypedArray: true,
  withUnicodeString: true,
  maxDepth: 4,
})

/** Something awkward at a random place of a random value. */
const awkward: fc.Arbitrary<unknown> = fc
  .tuple(
    anything,
    anything,
    fc.constantFrom('circular', 'throws', 'proxy', 'huge', 'wide', 'deep', 'toJSON', 'none'),
    fc.constantFrom('k', '__proto__', 'a/b~c', 'toJSON', 'then', 'length', '"', '\ud800'),
  )
  .map(([first, second, kind, key]) => {
    const outer: Record<string, unknown> = {}
    const set = (value: unknown): void => {
      Object.defineProperty(outer, key, { value, enumerable: true, configurable: true })
    }
    set(second)
    if (kind === 'circular') set([outer, first])
    if (kind === 'huge') set('"é😀'.repeat(20_000))
    if (kind === 'wide') set(Array.from({ length: 5_000 }, (_, at) => ({ at, first })))
    if (kind === 'deep') for (let level = 0; level < 60; level++) set({ first, down: outer[key] })
    if (kind === 'proxy') set(hostileProxy())
    if (kind === 'toJSON') set({ toJSON: () => ({ first, toJSON: () => 'again' }) })
    if (kind === 'throws') {
      Object.defineProperty(outer, key, { get: refuse, enumerable: true })
    }
    return [first, outer, second]
  })

function refuse(): never {
  throw new Error('no')
}

function hostileProxy(): object {
  return new Proxy({}, { get: refuse, ownKeys: refuse, getPrototypeOf: refuse, has: refuse })
}

describe('a snapshot', () => {
  test('is valid JSON within the cap for any value and any cap, and what was cut is there', () => {
    fc.assert(
      fc.property(awkward, fc.integer({ min: 64, max: 4_096 }), (value, maxBytes) => {
        const captured = capture(value, maxBytes)

        expect(Buffer.byteLength(jsonOf(captured))).toBeLessThanOrEqual(maxBytes)
        const back: unknown = JSON.parse(jsonOf(captured))
        for (const at of cutsOf(captured)) expect(pointsInto(back, at), at).toBe(true)
      }),
      { numRuns: 500 },
    )
  })

  test('is what JSON.stringify gives for whatever came from JSON and fits', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        expect(jsonOf(capture(value, 1_000_000))).toBe(JSON.stringify(value))
      }),
    )
  })

  test('is read as what JSON.parse gives', () => {
    fc.assert(
      fc.property(anything, (value) => {
        const captured = capture(value, 1_000_000)
        const { value: read } = publish(captured, 'args', { maxContentBytes: 1_000_000 })

        expect(read).toStrictEqual(JSON.parse(JSON.stringify(read)))
        // What looks like a secret is replaced.
        if (mayHoldSecret(jsonOf(captured))) return
        expect(read).toStrictEqual(JSON.parse(jsonOf(captured)))
      }),
    )
  })

  test('is valid JSON even under a tiny cap', () => {
    fc.assert(
      fc.property(anything, fc.integer({ min: 4, max: 63 }), (value, maxBytes) => {
        const json = jsonOf(capture(value, maxBytes))

        expect(Buffer.byteLength(json)).toBeLessThanOrEqual(maxBytes)
        JSON.parse(json)
      }),
    )
  })

  test('leaves the value as it was', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        const before = structuredClone(value)

        capture([value, 1n], 64)

        expect(value).toEqual(before)
      }),
    )
  })

  test('shows what JSON has no form for', () => {
    const circle = { a: 1, self: {} }
    circle.self = circle
    class Answer {
      readonly #hidden = 1
      readonly shown = 2
      get both(): number {
        return this.#hidden + this.shown
      }
    }

    expect(
      snapshot({
        circle,
        big: 12n,
        fn: function look() {},
        symbol: Symbol('x'),
        gone: undefined,
        list: [undefined, Number.NaN, -Infinity],
        date: new Date(0),
        badDate: new Date(Number.NaN),
        map: new Map([['a', new Set([1])]]),
        pairs: new Map([[{ k: 1 }, 2]]),
        bytes: Buffer.from('abc'),
        floats: new Float32Array(4),
        buffer: new ArrayBuffer(8),
        regexp: /x/g,
        url: new URL('https://example.com/a'),
        answer: new Answer(),
        later: Promise.resolve(1),
        lazy: Object.fromEntries([['then', () => undefined]]),
        stream: Readable.from([]),
        signal: new AbortController().signal,
        request: new Request('https://example.com'),
        weak: new WeakMap(),
        threw: Object.defineProperty({}, 'x', { get: refuse, enumerable: true }),
        proxy: hostileProxy(),
        money: { toJSON: () => '1.00' },
        badMoney: { toJSON: refuse },
      }),
    ).toEqual({
      circle: { a: 1, self: '[circular]' },
      big: '12n',
      fn: '[function look]',
      symbol: '[symbol x]',
      list: [null, 'NaN', '-Infinity'],
      date: '1970-01-01T00:00:00.000Z',
      badDate: '[invalid date]',
      map: { a: [1] },
      pairs: [[{ k: 1 }, 2]],
      bytes: '[binary 3 bytes]',
      floats: '[binary 16 bytes]',
      buffer: '[binary 8 bytes]',
      regexp: '/x/g',
      url: 'https://example.com/a',
      answer: { shown: 2 },
      later: '[object Promise]',
      lazy: '[object Object]',
      stream: '[object Readable]',
      signal: '[object AbortSignal]',
      request: '[object Request]',
      weak: '[object WeakMap]',
      threw: { x: '[threw]' },
      proxy: '[threw]',
      money: '1.00',
      badMoney: '[threw]',
    })
    expect(capture(undefined, 64)).toBe('null')
    expect(snapshot(new TypeError('boo'))).toMatchObject({ type: 'TypeError', message: 'boo' })
  })

  test('names what was shortened', () => {
    const cut = capture('x'.repeat(100), 64)
    expect(jsonOf(cut)).toBe(`"${'x'.repeat(59)}…"`)
    expect(cutsOf(cut)).toEqual([''])
    expect(cutsOf(capture({ a: { 'b/c': 'x'.repeat(100) }, d: 1 }, 64))).toEqual(['/a/b~1c'])
    expect(snapshot({ a: 'x'.repeat(1e6), b: 'last' })).toMatchObject({ b: 'last' })
  })

  test('stops 32 levels down', () => {
    let deep: unknown = 'bottom'
    for (let level = 0; level < 40; level++) deep = [deep]

    const captured = capture(deep, 4_096)

    expect(jsonOf(captured)).toBe(`${'['.repeat(32)}"[too deep]"${']'.repeat(32)}`)
    expect(cutsOf(captured)).toEqual(['/0'.repeat(32)])
  })

  test('of something enormous looks at its beginning only', () => {
    let read = 0
    const holes = new Proxy(new Array(1e8), {
      get: (target, key) => {
        read++
        return Reflect.get(target, key)
      },
    })

    expect(cutsOf(capture(holes, 1_024))).toEqual([''])
    expect(read).toBeLessThan(2_000)
    const pairs = new Map(Array.from({ length: 1e5 }, (_, at) => [at, at]))
    expect(cutsOf(capture(pairs, 64))).toContain('')
  })

  test('reads each getter once, plain object or not', () => {
    fc.assert(
      fc.property(
        fc.uniqueArray(fc.oneof(fc.string(), fc.constantFrom('then', 'toJSON', 'pipe', 'next'))),
        fc.constantFrom(Object.prototype, null, { inherited: true }),
        (names, prototype) => {
          const reads = new Map<string, number>()
          const value = Object.create(prototype)
          for (const name of names) {
            const get = (): number => {
              reads.set(name, (reads.get(name) ?? 0) + 1)
              return 1
            }
            Object.defineProperty(value, name, { get, enumerable: true })
          }

          capture(value, 32_768)

          for (const [name, count] of reads) expect(count, name).toBe(1)
          expect(reads.size).toBe(names.length)
        },
      ),
    )
  })

  test('is whole when a getter in it has another one taken', () => {
    const inner = { city: 'Berlin', days: [1, 2, 3] }
    let within: Captured = ''
    const outer = {
      before: ['a', 'b'],
      get asked() {
        within = capture(inner, 32_768)
        return 'yes'
      },
      after: { n: 1 },
    }

    const captured = capture(outer, 32_768)

    expect(JSON.parse(jsonOf(captured))).toEqual({
      before: ['a', 'b'],
      asked: 'yes',
      after: { n: 1 },
    })
    expect(JSON.parse(jsonOf(within))).toEqual(inner)
  })

  test('stays as it was when the value changes', () => {
    const args = { q: 'x', tags: ['a', 'b'], nested: { deep: [{ n: 1 }] } }
    const captured = capture(args, 32_768)

    args.q = 'changed'
    args.tags.push('c')
    args.nested.deep.length = 0

    expect(JSON.parse(jsonOf(captured))).toEqual({
      q: 'x',
      tags: ['a', 'b'],
      nested: { deep: [{ n: 1 }] },
    })
  })

  test('of a piece of a large text does not keep the large text', async () => {
    const kept: Captured[] = []
    const before = heapUsed()
    for (let at = 0; at < 100; at++) {
      const large = Buffer.alloc(MIB / 2, `page ${at} `).toString('latin1')
      kept.push(capture({ quote: large.slice(100, 400) }, 32_768))
    }

    await collectGarbageUntil(() => heapUsed() - before < 10 * MIB)

    expect(heapUsed() - before).toBeLessThan(10 * MIB)
    expect(kept).toHaveLength(100)
  })
})

describe('published content', () => {
  const SECRETS = [
    `sk-ant-${'aB3'.repeat(16)}`,
    `ghp_${'a1B2'.repeat(9)}`,
    'AKIAIOSFODNN7EXAMPLE',
    'eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.dozjgNryP4J3jVmNHl0w5N_XgL0n3I9P',
  ] as const

  /** A value with the secret somewhere: in a string, as a key, in JSON in a string, behind a secret key. */
  const planted: fc.Arbitrary<{ value: unknown; secret: string }> = fc
    .record({
      secret: fc.constantFrom(...SECRETS),
      form: fc.constantFrom('text', 'key', 'json', 'keyed', 'map', 'error', 'deep'),
      before: fc.oneof(
        fc.string(),
        fc.nat(6_000).map((length) => 'x '.repeat(length)),
      ),
      beside: anything,
      after: fc.oneof(
        fc.string(),
        fc.nat(6_000).map((length) => 'y'.repeat(length)),
      ),
    })
    .map(({ secret, form, before, beside, after }) => {
      const text = `${before} ${secret} ${after}`
      const values: Record<typeof form, unknown> = {
        text,
        key: { [text]: 1 },
        json: JSON.stringify({ a: before, deep: JSON.stringify([text]) }),
        keyed: { 'X-Api-Key': { nested: [secret.slice(0, 12)] } },
        map: new Map([['password', secret.slice(0, 12)]]),
        error: new Error(text),
        deep: { a: [{ b: [{ c: [{ d: [{ e: [text] }] }] }] }] },
      }
      return { value: [beside, { here: values[form] }, before], secret }
    })

  test('never holds any part of a secret, wherever it stood and wherever the cut fell', () => {
    fc.assert(
      fc.property(
        planted,
        fc.integer({ min: 64, max: 20_000 }),
        fc.integer({ min: 64, max: 20_000 }),
        ({ value, secret }, captureBytes, maxContentBytes) => {
          const { value: shown } = publish(capture(value, captureBytes), 'args', {
            maxContentBytes,
          })

          expect(JSON.stringify(shown)).not.toContain(secret.slice(0, 12))
        },
      ),
      { numRuns: 500 },
    )
  })

  test('keeps to the cap, points at what was cut, and does not change when published again', () => {
    fc.assert(
      fc.property(
        awkward,
        fc.integer({ min: 64, max: 4_096 }),
        fc.integer({ min: 64, max: 4_096 }),
        (value, captureBytes, maxContentBytes) => {
          const rules = { maxContentBytes }
          const { value: shown, truncated } = publish(capture(value, captureBytes), 'args', rules)

          const json = JSON.stringify(shown)
          expect(Buffer.byteLength(json)).toBeLessThanOrEqual(maxContentBytes)
          for (const at of truncated) expect(pointsInto({ args: shown }, at), at).toBe(true)
          expect(JSON.stringify(publish(json, 'args', rules).value)).toBe(json)
        },
      ),
      { numRuns: 500 },
    )
  })

  test('has values under secret keys replaced, whatever they are, and no others', () => {
    const value = {
      headers: { Authorization: 'x', 'set-cookie': ['a'], accept: '*/*' },
      apiKey: null,
      secret: { a: 1 },
      max_tokens: 5,
      tokenUsage: { tokens: 1 },
      key: 'k',
    }

    expect(publish(capture(value, 4_096), 'input', RULES)).toEqual({
      value: {
        headers: { Authorization: '[redacted]', 'set-cookie': '[redacted]', accept: '*/*' },
        apiKey: '[redacted]',
        secret: '[redacted]',
        max_tokens: 5,
        tokenUsage: { tokens: 1 },
        key: 'k',
      },
      truncated: [],
    })
  })

  test('prefixes what was cut at the capture with its field', () => {
    const captured = capture({ q: 'x'.repeat(500) }, 128)

    expect(publish(captured, 'args', RULES).truncated).toEqual(['/args/q'])
    expect(publish(captured, 'args', { maxContentBytes: 64 }).truncated).toEqual(['/args/q'])
  })

  test('has no lone surrogates', () => {
    expect(publish(capture({ '\ud800': 'a\udc00' }, 64), 'args', RULES).value).toEqual({
      '\ufffd': 'a\ufffd',
    })
  })

  test('keeps a __proto__ key as a mere key', () => {
    const hostile: unknown = JSON.parse('{"__proto__":{"polluted":1},"password":"x"}')

    const { value } = publish(capture(hostile, 4_096), 'args', RULES)

    expect(JSON.stringify(value)).toBe('{"__proto__":{"polluted":1},"password":"[redacted]"}')
    expect(Reflect.get({}, 'polluted')).toBeUndefined()
  })
})

describe('a custom redact', () => {
  const publishWith = (value: unknown, redact: NonNullable<ContentRules['redact']>): unknown =>
    publish(capture(value, 4_096), 'args', { ...RULES, redact }).value

  test('sees every value with its path, the outermost first, secrets replaced already', () => {
    const redact = vi.fn((value: unknown, _path: string) => value)

    publishWith({ q: ['a', { 'x/y': 1 }], password: 'p' }, redact)

    expect(redact.mock.calls.map(([, path]) => path)).toEqual([
      '/args',
      '/args/q',
      '/args/q/0',
      '/args/q/1',
      '/args/q/1/x~1y',
      '/args/password',
    ])
    expect(redact).toHaveBeenLastCalledWith('[redacted]', '/args/password')
  })

  test('removes, replaces, and is not asked again below what it replaced', () => {
    const redact = vi.fn((value: unknown, path: string) => {
      if (path === '/args/gone' || path === '/args/list/0') return undefined
      if (path === '/args/other') return { date: new Date(0), password: 'p', text: 'x'.repeat(99) }
      return value
    })

    expect(publishWith({ gone: 1, list: [1, 2], other: { a: 1 } }, redact)).toEqual({
      list: [null, 2],
      other: { date: '1970-01-01T00:00:00.000Z', password: '[redacted]', text: 'x'.repeat(99) },
    })
    expect(redact.mock.calls.map(([, path]) => path)).not.toContain('/args/other/a')
    expect(publishWith('all', () => undefined)).toBeUndefined()
  })

  test('that throws hides the value; one that is asynchronous shows nothing', () => {
    expect(
      publishWith({ a: 'x', b: 1 }, (value, path) => (path === '/args/a' ? refuse() : value)),
    ).toEqual({ a: '[redaction failed]', b: 1 })
    expect(publishWith('x', refuse)).toBe('[redaction failed]')
    expect(publishWith('x', async (value) => value)).toBe('[object Promise]')
  })

  test('may return anything within the cap', () => {
    fc.assert(
      fc.property(awkward, fc.integer({ min: 64, max: 1_024 }), (answer, maxContentBytes) => {
        const rules = { maxContentBytes, redact: () => answer }

        const { value } = publish('{"a":1}', 'args', rules)

        expect(Buffer.byteLength(JSON.stringify(value))).toBeLessThanOrEqual(maxContentBytes)
      }),
    )
  })
})
