import fc from 'fast-check'
import { PbfWriter } from 'pbf'
import { describe, expect, test } from 'vitest'
import { AgentMarks } from './agent-marks.ts'
import { decodeTraces } from './decode-traces.ts'
import { MalformedBody } from './malformed-body.ts'
import type { OtlpEncoding } from './otlp-encoding.ts'
import type { DecodedTraces } from './otlp-span.ts'
import { atOnce } from './testing/at-once.ts'
import { makeSpan, traceRequest } from './testing/make-spans.ts'
import { brokenBody, FUZZ_RUNS } from './testing/mutate.ts'
import {
  type WireAttribute,
  type WireSpan,
  type WireValue,
  writeTraces,
} from './testing/write-request.ts'

const KEYS = new AgentMarks(['gen_ai.', 'spancast.'])

function read(body: Buffer, encoding: OtlpEncoding, marks: AgentMarks): DecodedTraces {
  return atOnce(decodeTraces(body, encoding, marks))
}
const ENCODINGS: readonly OtlpEncoding[] = ['protobuf', 'json']
const TRACE = '0af7651916cd43dd8448eb211c80319c'
const SPAN = 'b7ad6b7169203331'
const PARENT = '00f067aa0ba902b7'
const AGENT: WireAttribute = { key: 'gen_ai.operation.name', value: { stringValue: 'chat' } }

describe.each(ENCODINGS)('in %s', (encoding) => {
  const decode = (body: Buffer): DecodedTraces => read(body, encoding, KEYS)
  const decodeSpans = (...spans: WireSpan[]): DecodedTraces =>
    decode(writeTraces(encoding, [{ spans }]))
  const decodeValue = (value: WireValue): unknown =>
    decodeSpans({
      traceId: TRACE,
      spanId: SPAN,
      attributes: [AGENT, { key: 'it', value }],
    }).detail(0).attributes.it

  test('a span of OpenTelemetry JS comes out as it went in', () => {
    const body = traceRequest(encoding, [
      makeSpan({
        traceId: TRACE,
        spanId: SPAN,
        parentSpanId: PARENT,
        isRemote: true,
        name: 'chat gpt-5 ü',
        startTime: [1_790_000_000, 123_456_789],
        endTime: [1_790_000_002, 23_456_788],
        attributes: {
          'gen_ai.operation.name': 'chat',
          'gen_ai.usage.input_tokens': 120,
          'gen_ai.response.finish_reasons': ['stop', 'length'],
          temperature: 0.25,
          stream: false,
          negative: -7,
        },
        error: 'exploded',
        scope: 'my-agent',
      }),
    ])

    const traces = decode(body)

    expect(traces.size).toBe(1)
    expect(traces.head(0)).toEqual({
      traceId: TRACE,
      spanId: SPAN,
      parentSpanId: PARENT,
      flags: 0x301,
      isRemoteParent: true,
      startMs: 1_790_000_000_000 + 123.456789,
      endMs: 1_790_000_002_000 + 23.456788,
      agentic: true,
    })
    expect(traces.detail(0)).toEqual({
      name: 'chat gpt-5 ü',
      kind: 1,
      durationMs: 1000 + 899.999999,
      attributes: {
        'gen_ai.operation.name': 'chat',
        'gen_ai.usage.input_tokens': 120,
        'gen_ai.response.finish_reasons': ['stop', 'length'],
        temperature: 0.25,
        stream: false,
        negative: -7,
      },
      events: [
        {
          name: 'exception',
          timeMs: 1_790_000_000_000 + 123.456789,
          attributes: { 'exception.type': 'Error', 'exception.message': 'exploded' },
        },
      ],
      status: { code: 2, message: 'exploded' },
      scope: 'my-agent',
    })
    expect(traces.resource(0)).toEqual({ 'service.name': 'shop' })
  })

  test('only spans with a key that was asked for are agentic', () => {
    const body = traceRequest(encoding, [
      makeSpan({ attributes: { 'http.route': '/', gen_aix: 1 } }),
      makeSpan({ attributes: { 'http.route': '/', 'gen_ai.system': 'x' } }),
      makeSpan({ attributes: { note: 'gen_ai.system' } }),
      makeSpan({ attributes: { 'spancast.run.id': 'run_12345678' } }),
    ])

    const traces = decode(body)

    expect([0, 1, 2, 3].map((index) => traces.head(index).agentic)).toEqual([
      false,
      true,
      false,
      true,
    ])
    expect(traces.agentic).toBe(2)
  })

  test('a span that concerns no agent can be read all the same', () => {
    const body = traceRequest(encoding, [makeSpan({ name: 'GET /', attributes: { a: 1 } })])

    const traces = decode(body)

    expect(traces.name(0)).toBe('GET /')
    expect(traces.detail(0).attributes).toEqual({ a: 1 })
  })

  test('spans keep the scope and the resource that they came with', () => {
    const resource = (name: string): WireAttribute[] => [
      { key: 'service.name', value: { stringValue: name } },
    ]
    const span = (spanId: string): WireSpan => ({ traceId: TRACE, spanId })

    const traces = decode(
      writeTraces(encoding, [
        { resource: resource('a'), scope: 'one', spans: [span(SPAN)] },
        { resource: resource('empty'), scope: 'nothing', spans: [] },
        { resource: resource('b'), scope: 'two', spans: [span(PARENT)] },
      ]),
    )

    expect([traces.detail(0).scope, traces.detail(1).scope]).toEqual(['one', 'two'])
    expect([traces.resource(0), traces.resource(1)]).toEqual([
      { 'service.name': 'a' },
      { 'service.name': 'b' },
    ])
  })

  test('a request of nothing is one of no spans', () => {
    expect(decode(writeTraces(encoding, [])).size).toBe(0)
  })

  test('a span that does not exist is asked for in vain', () => {
    expect(() => decode(writeTraces(encoding, [])).head(0)).toThrow(RangeError)
  })

  test('spans with an id of the wrong length, or of zeros, are left out and counted', () => {
    const traces = decodeSpans(
      { traceId: TRACE, spanId: SPAN },
      { traceId: '', spanId: SPAN },
      { traceId: TRACE.slice(2), spanId: SPAN },
      { traceId: '0'.repeat(32), spanId: SPAN },
      { traceId: TRACE, spanId: '0'.repeat(16) },
      { traceId: TRACE, spanId: `${SPAN}00` },
      { traceId: TRACE, spanId: SPAN, parentSpanId: '1234' },
    )

    expect([traces.size, traces.rejected]).toEqual([1, 6])
  })

  test('a parent of zeros is no parent', () => {
    const traces = decodeSpans(
      { traceId: TRACE, spanId: SPAN, parentSpanId: '0'.repeat(16) },
      { traceId: TRACE, spanId: SPAN, parentSpanId: '' },
    )

    expect([traces.head(0).parentSpanId, traces.head(1).parentSpanId]).toEqual([
      undefined,
      undefined,
    ])
  })

  test('whole numbers are exact, as digits where a number could not be', () => {
    expect(decodeValue({ intValue: '9007199254740991' })).toBe(Number.MAX_SAFE_INTEGER)
    expect(decodeValue({ intValue: '9007199254740993' })).toBe('9007199254740993')
    expect(decodeValue({ intValue: '9223372036854775807' })).toBe('9223372036854775807')
    expect(decodeValue({ intValue: '-9223372036854775808' })).toBe('-9223372036854775808')
    expect(decodeValue({ intValue: '-1' })).toBe(-1)
  })

  test('bytes are a copy of their own', () => {
    const bytes = decodeValue({ bytesValue: Buffer.from([0, 255, 7]).toString('base64') })

    expect(bytes).toEqual(Uint8Array.of(0, 255, 7))
    expect((bytes as Uint8Array).buffer.byteLength).toBe(3)
  })

  test('an empty value is null', () => {
    expect(decodeValue({})).toBe(null)
    expect(decodeValue({ arrayValue: { values: [{}, { boolValue: true }] } })).toEqual([null, true])
  })

  test('a key named __proto__ is a key like any other', () => {
    const value = decodeValue({
      kvlistValue: { values: [{ key: '__proto__', value: { stringValue: 'mine' } }] },
    })

    expect(Object.entries(value as object)).toEqual([['__proto__', 'mine']])
    expect(Object.getPrototypeOf(value)).toBe(Object.prototype)
  })

  test('values nested deeper than 32 are cut and counted', () => {
    const nest = (levels: number): WireValue =>
      levels === 0 ? { stringValue: 'deep' } : { arrayValue: { values: [nest(levels - 1)] } }
    const span = (levels: number): WireSpan => ({
      traceId: TRACE,
      spanId: SPAN,
      attributes: [AGENT, { key: 'it', value: nest(levels) }],
    })

    const whole = decodeSpans(span(31))
    const cut = decodeSpans(span(32))

    expect(JSON.stringify(whole.detail(0).attributes.it)).toContain('deep')
    expect(whole.cut).toBe(0)
    expect(JSON.stringify(cut.detail(0).attributes.it)).toBe(
      `${'['.repeat(32)}null${']'.repeat(32)}`,
    )
    expect(cut.cut).toBe(1)
  })

  test('times keep what a double can hold', () => {
    const traces = decodeSpans({
      traceId: TRACE,
      spanId: SPAN,
      startTimeUnixNano: '1790000000123456789',
      endTimeUnixNano: '1790000000123456790',
    })

    expect(traces.head(0).startMs).toBe(1_790_000_000_000 + 123.456789)
    expect(traces.detail(0).durationMs).toBe(0.000001)
  })

  test('a span that ends before it starts took no time', () => {
    const traces = decodeSpans({
      traceId: TRACE,
      spanId: SPAN,
      startTimeUnixNano: '1790000000123456789',
      endTimeUnixNano: '1790000000123456788',
    })

    expect(traces.detail(0).durationMs).toBe(0)
  })

  test('a key of a megabyte is read like any other', () => {
    const key = 'gen_ai.'.padEnd(1024 * 1024, 'k')

    const traces = decodeSpans({
      traceId: TRACE,
      spanId: SPAN,
      attributes: [{ key, value: { boolValue: true } }],
    })

    expect(traces.detail(0).attributes[key]).toBe(true)
  })

  test('whatever is wrong with a body, it is decoded or malformed, and what was decoded can be read', () => {
    const bodies = [
      traceRequest(encoding, [
        makeSpan({ attributes: { 'gen_ai.system': 'x', list: [1, 2], text: 'é' }, error: 'no' }),
        makeSpan({ parentSpanId: PARENT, isRemote: true }),
      ]),
      writeTraces(encoding, [
        {
          resource: [AGENT],
          scope: 's',
          spans: [{ traceId: TRACE, spanId: SPAN, attributes: deep() }],
        },
      ]),
    ]

    fc.assert(
      fc.property(brokenBody(bodies), (body) => {
        try {
          readAll(decode(body))
        } catch (error) {
          expect(error).toBeInstanceOf(MalformedBody)
        }
      }),
      { numRuns: FUZZ_RUNS },
    )
  }, 600_000)
})

test('both encodings of any spans decode to the same', () => {
  fc.assert(
    fc.property(fc.array(wireSpan(), { maxLength: 4 }), (spans) => {
      const groups = [{ scope: 'scope', resource: [AGENT], spans }]

      const [protobuf, json] = ENCODINGS.map((encoding) =>
        readAll(read(writeTraces(encoding, groups), encoding, KEYS)),
      )

      expect(protobuf).toEqual(json)
      expect(protobuf).toHaveLength(spans.length)
    }),
    { numRuns: 300 },
  )
})

describe('protobuf', () => {
  const malformed: Readonly<Record<string, readonly number[]>> = {
    'a varint without an end': [0xff, 0xff],
    'a varint of eleven bytes': [0x0a, ...new Array<number>(10).fill(0x80), 0x01],
    'a length beyond the body': [0x0a, 0x05, 0x00],
    'a length of 2^63': [0x0a, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f],
    'a field of number 0': [0x00],
    'a group': [0x0b, 0x0c],
    'a wire type that does not exist': [0x0e],
    'a message where there is a number': [0x08, 0x01],
    'a scope of the wrong wire type': [0x0a, 0x02, 0x10, 0x01],
    'an inner length beyond its message': [0x0a, 0x02, 0x12, 0x05, 0, 0, 0, 0, 0],
    'a span whose time is cut off': [0x0a, 0x06, 0x12, 0x04, 0x12, 0x02, 0x39, 0x00],
    'a span whose kind is text': [0x0a, 0x06, 0x12, 0x04, 0x12, 0x02, 0x32, 0x00],
    'an attribute whose value is a number': [0x0a, 8, 0x12, 6, 0x12, 4, 0x4a, 2, 0x10, 1],
    'a value that is cut off': [0x0a, 10, 0x12, 8, 0x12, 6, 0x4a, 4, 0x12, 2, 0x0a, 5],
  }

  test.each(Object.entries(malformed))('%s is malformed', (_, bytes) => {
    expect(() => read(Buffer.from(bytes), 'protobuf', KEYS)).toThrow(MalformedBody)
  })

  test('fields that are not known are skipped', () => {
    const known = traceRequest('protobuf', [makeSpan()])
    const unknown = Buffer.from([
      0xfa, 0x06, 0x02, 1, 2, 0xf8, 0x06, 0x96, 0x01, 0xfd, 0x06, 0, 0, 0, 0,
    ])

    expect(read(Buffer.concat([unknown, known, unknown]), 'protobuf', KEYS).size).toBe(1)
  })

  test('text that is no UTF-8 gets replacement characters', () => {
    const body = traceRequest('protobuf', [makeSpan({ name: 'name-@@-name' })])
    body.fill(0xff, body.indexOf('@@'), body.indexOf('@@') + 2)

    expect(read(body, 'protobuf', KEYS).name(0)).toBe('name-\ufffd\ufffd-name')
  })

  test('a resource or scope behind its spans is theirs all the same', () => {
    const id = (bytes: number): number[] => new Array<number>(bytes).fill(1)
    const span = [0x12, 28, 0x0a, 16, ...id(16), 0x12, 8, ...id(8)]
    const scoped = [...span, 0x0a, 3, 0x0a, 1, 0x73]
    const resource = [0x0a, 10, 0x0a, 8, 0x0a, 1, 0x6b, 0x12, 3, 0x0a, 1, 0x76]
    const group = [0x12, scoped.length, ...scoped, ...resource]

    const traces = read(Buffer.from([0x0a, group.length, ...group]), 'protobuf', KEYS)

    expect(traces.detail(0).scope).toBe('s')
    expect(traces.resource(0)).toEqual({ k: 'v' })
  })

  test('values and events beyond 100 000 in one span are cut and counted', () => {
    const id = (bytes: number): number[] => new Array<number>(bytes).fill(1)
    const ids = Buffer.from([0x0a, 16, ...id(16), 0x12, 8, ...id(8)])
    const events = Buffer.alloc(2 * 100_001, Buffer.from([0x5a, 0]))

    const traces = read(message(0x0a, message(0x12, message(0x12, ids, events))), 'protobuf', KEYS)

    expect(traces.detail(0).events).toHaveLength(100_000)
    expect(traces.cut).toBe(1)
    const values = message(0x2a, Buffer.alloc(2 * 100_000, Buffer.from([0x0a, 0])))
    const attribute = message(0x4a, Buffer.from([0x0a, 1, 0x6b]), message(0x12, values))
    const full = read(message(0x0a, message(0x12, message(0x12, ids, attribute))), 'protobuf', KEYS)
    // The attribute itself is one of them.
    expect(full.detail(0).attributes.k).toHaveLength(99_999)
  })

  test('a body of nothing but tiny messages makes nothing', () => {
    const empty = Buffer.alloc(1024 * 1024, Buffer.from([0x12, 0]))
    const length = [0x80, 0x80, 0x40]

    const traces = read(Buffer.concat([Buffer.from([0x0a, ...length]), empty]), 'protobuf', KEYS)

    expect([traces.size, traces.rejected]).toEqual([0, 0])
  })
})

describe('JSON', () => {
  const span = { traceId: TRACE, spanId: SPAN }
  const decode = (...spans: unknown[]): DecodedTraces =>
    read(
      Buffer.from(JSON.stringify({ resourceSpans: [{ scopeSpans: [{ spans }] }] })),
      'json',
      KEYS,
    )

  test('ids in capitals are the same ids', () => {
    expect(
      decode({ traceId: TRACE.toUpperCase(), spanId: SPAN.toUpperCase() }).head(0),
    ).toMatchObject(span)
  })

  test('an id that is no hex is left out and counted', () => {
    expect(decode({ ...span, spanId: 'zzzzzzzzzzzzzzzz' }).rejected).toBe(1)
  })

  test('64-bit numbers may be numbers or text', () => {
    const attributes = [
      { key: 'text', value: { intValue: '5' } },
      { key: 'number', value: { intValue: 5 } },
      { key: 'large', value: { intValue: 1099511627776 } },
    ]

    const traces = decode(
      { ...span, attributes, startTimeUnixNano: 1_790_000_000_000_000_000 },
      { ...span, startTimeUnixNano: '1790000000000000000' },
    )

    expect(traces.detail(0).attributes).toEqual({ text: 5, number: 5, large: 1099511627776 })
    expect(traces.head(0).startMs).toBe(traces.head(1).startMs)
  })

  test('fields that are not known, and nulls, are skipped', () => {
    const traces = decode({ ...span, name: null, attributes: null, status: null, surprise: [{}] })

    expect(traces.detail(0)).toMatchObject({ name: '', attributes: {}, status: { code: 0 } })
  })

  test('names of enums are understood beside their numbers', () => {
    const traces = decode({
      ...span,
      kind: 'SPAN_KIND_CLIENT',
      status: { code: 'STATUS_CODE_ERROR' },
    })

    expect(traces.detail(0)).toMatchObject({ kind: 3, status: { code: 2 } })
  })

  test('doubles that are no numbers have their names', () => {
    const attributes = ['NaN', 'Infinity', '-Infinity'].map((doubleValue) => ({
      key: doubleValue,
      value: { doubleValue },
    }))

    expect(decode({ ...span, attributes }).detail(0).attributes).toEqual({
      NaN: Number.NaN,
      Infinity: Number.POSITIVE_INFINITY,
      '-Infinity': Number.NEGATIVE_INFINITY,
    })
  })

  test.each([
    ['{'],
    [''],
    ['null'],
    ['[]'],
    ['"resourceSpans"'],
    ['{"resourceSpans":{}}'],
    ['{"resourceSpans":[1]}'],
    ['{"resourceSpans":[{"scopeSpans":[{"spans":[{"traceId":7}]}]}]}'],
    ['{"resourceSpans":[{"scopeSpans":[{"spans":[{"startTimeUnixNano":"soon"}]}]}]}'],
    [
      '{"resourceSpans":[{"scopeSpans":[{"spans":[{"startTimeUnixNano":"18446744073709551616"}]}]}]}',
    ],
    ['{"resourceSpans":[{"scopeSpans":[{"spans":[{"kind":"CLIENT"}]}]}]}'],
    ['{"resourceSpans":[{"resource":{"attributes":[{"key":1}]}}]}'],
    ['{"resourceSpans":[{"resource":{"attributes":[{"key":"k","value":{"intValue":1.5}}]}}]}'],
    ['{"resourceSpans":[{"resource":{"attributes":[{"key":"k","value":{"boolValue":"yes"}}]}}]}'],
  ])('%s is malformed', (text) => {
    expect(() => read(Buffer.from(text), 'json', KEYS)).toThrow(MalformedBody)
  })

  test.each([
    ['a million lists in each other', Buffer.alloc(1_000_000, '[')],
    [
      'an object of a million fields',
      Buffer.from(`{${Array.from({ length: 1e6 }, (_, i) => `"${i}":0`)}}`),
    ],
    ['nine million objects', Buffer.from(`[${'{},'.repeat(9_000_000)}{}]`)],
  ])('%s are refused before they are built', (_, body) => {
    const before = performance.now()

    expect(() => read(body, 'json', KEYS)).toThrow(
      /JSON (that is nested|of too many|with an object)/,
    )

    expect(performance.now() - before).toBeLessThan(5000)
  })

  test('a large body, which is read in pieces, says what a small one says, well-formed or not', () => {
    const groups = [
      {
        resource: [AGENT],
        scope: 's',
        spans: [{ traceId: TRACE, spanId: SPAN, attributes: deep() }],
      },
      {
        spans: [
          { traceId: TRACE, spanId: PARENT, name: 'x'.repeat(100) },
          { traceId: '', spanId: '' },
        ],
      },
    ]
    const known = JSON.parse(writeTraces('json', groups).toString())
    const [first] = known.resourceSpans
    // What looks like spans where none are expected, and what a piece is replaced by.
    first.later = [{ unknown: [{ name: 'y'.repeat(100) }] }]
    first.scopeSpans[0].spans.push({ '': 0 }, null)
    // Space after it makes a body large and changes nothing.
    const large = (body: Buffer): Buffer => Buffer.concat([body, Buffer.alloc(300 * 1024, ' ')])
    const outcome = (body: Buffer): unknown => {
      try {
        return readAll(read(body, 'json', KEYS))
      } catch (error) {
        if (error instanceof MalformedBody) return 'malformed'
        throw error
      }
    }
    const whole = Buffer.from(JSON.stringify(known))

    expect(outcome(large(whole))).toEqual(outcome(whole))
    expect(outcome(whole)).not.toBe('malformed')
    fc.assert(
      fc.property(brokenBody([whole]), (body) => {
        expect(outcome(large(body))).toEqual(outcome(body))
      }),
      { numRuns: Math.ceil(FUZZ_RUNS / 5) },
    )
  }, 600_000)

  test('brackets and commas inside of text do not count', () => {
    const name = '[{,\\"'.repeat(100_000)

    expect(decode({ ...span, name }).name(0)).toBe(name)
  })
})

function message(tag: number, ...parts: Buffer[]): Buffer {
  const body = Buffer.concat(parts)
  const writer = new PbfWriter()
  writer.writeVarint(tag)
  writer.writeBytes(body)
  return Buffer.from(writer.finish())
}

function readAll(traces: DecodedTraces): unknown[] {
  return Array.from({ length: traces.size }, (_, index) => ({
    head: traces.head(index),
    name: traces.name(index),
    detail: traces.detail(index),
    resource: traces.resource(index),
  }))
}

function deep(): WireAttribute[] {
  let value: WireValue = { intValue: '9007199254740993' }
  for (let level = 0; level < 40; level++) {
    value =
      level % 2 === 0
        ? { arrayValue: { values: [value, { bytesValue: 'AQID' }] } }
        : { kvlistValue: { values: [{ key: 'k', value }] } }
  }
  return [{ key: 'gen_ai.deep', value }]
}

function wireValue(): fc.Arbitrary<WireValue> {
  const { value } = fc.letrec<{ value: WireValue; pair: WireAttribute }>((tie) => ({
    value: fc.oneof(
      { depthSize: 'small' },
      fc.string({ unit: 'grapheme' }).map((stringValue) => ({ stringValue })),
      fc.boolean().map((boolValue) => ({ boolValue })),
      fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }).map((int) => ({ intValue: `${int}` })),
      // JSON has but one zero.
      fc
        .double({ noNaN: true, noDefaultInfinity: true })
        .map((double) => ({ doubleValue: double + 0 })),
      fc
        .uint8Array({ maxLength: 9 })
        .map((bytes) => ({ bytesValue: Buffer.from(bytes).toString('base64') })),
      fc.constant({}),
      fc.array(tie('value'), { maxLength: 3 }).map((values) => ({ arrayValue: { values } })),
      fc.array(tie('pair'), { maxLength: 3 }).map((values) => ({ kvlistValue: { values } })),
    ),
    pair: fc.record({ key: fc.string(), value: tie('value') }),
  }))
  return value
}

function wireAttributes(): fc.Arbitrary<WireAttribute[]> {
  const key = fc.oneof(fc.string(), fc.constantFrom('gen_ai.system', '__proto__', 'constructor'))
  return fc.array(fc.record({ key, value: wireValue() }), { maxLength: 4 })
}

function wireSpan(): fc.Arbitrary<WireSpan> {
  const nanos = fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }).map(String)
  const id = (bytes: number): fc.Arbitrary<string> =>
    fc
      .uint8Array({ minLength: bytes, maxLength: bytes })
      .filter((all) => all.some((byte) => byte !== 0))
      .map((all) => Buffer.from(all).toString('hex'))
  return fc.record(
    {
      traceId: id(16),
      spanId: id(8),
      parentSpanId: fc.oneof(fc.constant(''), id(8)),
      name: fc.string({ unit: 'grapheme' }),
      kind: fc.nat(5),
      flags: fc.nat(0xffff_ffff),
      startTimeUnixNano: nanos,
      endTimeUnixNano: nanos,
      attributes: wireAttributes(),
      events: fc.array(
        fc.record({ timeUnixNano: nanos, name: fc.string(), attributes: wireAttributes() }),
        { maxLength: 2 },
      ),
      status: fc.record({ code: fc.nat(2), message: fc.string() }),
    },
    { requiredKeys: ['traceId', 'spanId'] },
  )
}
