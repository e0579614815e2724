import { spawnSync } from 'node:child_process'
import { Readable } from 'node:stream'
import { type Context, context, type Span, SpanStatusCode, trace } from '@opentelemetry/api'
import {
  InMemorySpanExporter,
  NodeTracerProvider,
  type ReadableSpan,
  SimpleSpanProcessor,
  type SpanProcessor,
} from '@opentelemetry/sdk-trace-node'
import { afterEach, beforeEach, describe, expect, expectTypeOf, test } from 'vitest'
import { configure } from '../context/content-rules.ts'
import { setLink } from '../context/span-link.ts'
import { SpancastError } from '../errors.ts'
import { ObserverRegistry } from '../observer/observer-registry.ts'
import { AgentEventProcessor } from '../processor/agent-event-processor.ts'
import { collectGarbageUntil } from '../testing/collect-garbage.ts'
import { observe } from './observe.ts'

let exporter: InMemorySpanExporter
let provider: NodeTracerProvider
let chunks: unknown[] = []

/** Ties a link to each span, as a processor that records events does. */
const chunkProcessor: SpanProcessor = {
  onStart: (span: Span) =>
    setLink(span, {
      chunk: (delta) => chunks.push(delta),
      event() {},
      usage() {},
      cost() {},
    }),
  onEnd() {},
  forceFlush: async () => {},
  shutdown: async () => {},
}

function useProcessors(...spanProcessors: SpanProcessor[]): void {
  trace.disable()
  context.disable()
  provider = new NodeTracerProvider({ spanProcessors })
  provider.register()
}

beforeEach(() => {
  exporter = new InMemorySpanExporter()
  chunks = []
  useProcessors(chunkProcessor, new SimpleSpanProcessor(exporter))
})
afterEach(async () => {
  configure({})
  trace.disable()
  context.disable()
  await provider.shutdown().catch(() => {})
})

function spans(): ReadableSpan[] {
  return exporter.getFinishedSpans()
}

function spanNamed(name: string): ReadableSpan {
  const span = spans().find((one) => one.name === name)
  if (span === undefined) throw new Error(`no span ${name}: ${spans().map((one) => one.name)}`)
  return span
}

function child(name: string): void {
  trace.getTracer('test').startSpan(name).end()
}

describe('the wrapper has the type of what it wraps', () => {
  test('parameters, result and overloads', () => {
    function double(value: number): number
    function double(value: string): string
    function double(value: number | string): number | string {
      return typeof value === 'number' ? value * 2 : value + value
    }
    async function* words(_count: number): AsyncGenerator<string, void, boolean> {}
    class Box {
      readonly value = 1
    }
    const generic = <T>(value: T): T[] => [value]

    expectTypeOf(observe(double)).toEqualTypeOf<typeof double>()
    expectTypeOf(observe(words)).toEqualTypeOf<typeof words>()
    expectTypeOf(observe(Box)).toEqualTypeOf<typeof Box>()
    expectTypeOf(observe(generic)('x')).toEqualTypeOf<string[]>()
    expectTypeOf(observe(new Box())).toEqualTypeOf<Box>()
    expect(observe(double)('ab')).toBe('abab')
    expect(observe(double)(2)).toBe(4)
  })

  test('this', () => {
    class Counter {
      #count = 0
      add = observe(function (this: Counter, by: number): number {
        this.#count += by
        return this.#count
      })
    }

    expect(new Counter().add(2)).toBe(2)
    expectTypeOf<ThisParameterType<Counter['add']>>().toEqualTypeOf<Counter>()
  })

  test('name, length and own properties', () => {
    function original(_a: unknown, _b: unknown): void {}
    const version = Symbol('version')
    const fn = Object.assign(original, { schema: { type: 'object' }, [version]: 2 })

    const wrapped = observe(fn, { name: 'other' })

    expect(wrapped.name).toBe('original')
    expect(wrapped.length).toBe(2)
    expect(wrapped.schema).toBe(fn.schema)
    expect(wrapped[version]).toBe(2)
    expect(Object.keys(wrapped)).toEqual(['schema'])
  })

  test('a function without a name has none, and its span says so', () => {
    const wrapped = observe(
      (
        () => () =>
          1
      )(),
    )

    expect(wrapped.name).toBe('')
    expect(wrapped()).toBe(1)
    expect(spans()[0]?.name).toBe('invoke_agent anonymous')
  })

  test('observe of an observed function is that function', () => {
    const wrapped = observe(() => 1)

    expect(observe(wrapped, { name: 'again' })).toBe(wrapped)
    wrapped()
    expect(spans()).toHaveLength(1)
  })

  test('a class is constructed as itself, a derived one as that', () => {
    class Base {
      static made = 0
      readonly value: number
      constructor(value: number) {
        Base.made++
        this.value = value
      }
    }
    const Observed = observe(Base)
    class Derived extends Observed {}

    const [base, derived] = [new Observed(1), new Derived(2)]

    expect(base).toBeInstanceOf(Base)
    expect(base).toBeInstanceOf(Observed)
    expect(base.value).toBe(1)
    expect(derived).toBeInstanceOf(Derived)
    expect(derived.value).toBe(2)
    expect(Base.made).toBe(2)
    expect(() => (Observed as unknown as () => void)()).toThrow(TypeError)
  })

  test('generator objects are instances of the wrapped generator function', () => {
    const numbers = observe(function* numbers() {
      yield 1
    })

    expect(numbers()).toBeInstanceOf(numbers)
  })

  test.each([[null], [undefined], [1], ['text'], [Symbol('s')]])('%o is refused', (target) => {
    expect(() => observe(target as unknown as object)).toThrow(SpancastError)
  })
})

describe('what comes back', () => {
  test('a sync result, at once, from one span', () => {
    expect(observe(() => 1, { name: 'one' })()).toBe(1)
    expect(spanNamed('invoke_agent one').ended).toBe(true)
  })

  test('a native promise for a native promise; the span ends when it settles', async () => {
    let release: (value: string) => void = () => {}
    const wrapped = observe(
      () =>
        new Promise<string>((resolve) => {
          release = resolve
        }),
    )

    const promise = wrapped()
    expect(Object.getPrototypeOf(promise)).toBe(Promise.prototype)
    expect(spans()).toHaveLength(0)
    release('done')

    expect(await promise).toBe('done')
    expect(spans()).toHaveLength(1)
  })

  test('the same thenable, not started; what it starts nests under the span', async () => {
    let started = 0
    const query = {
      // biome-ignore lint/suspicious/noThenProperty: a thenable is what is under test
      then(ok: (value: string) => void) {
        started++
        child('sql')
        ok('rows')
      },
    }

    const given = observe(() => query, { name: 'lazy' })()
    expect(given).toBe(query)
    expect(started).toBe(0)
    expect(await given).toBe('rows')

    expect(started).toBe(1)
    expect(spanNamed('sql').parentSpanContext?.spanId).toBe(
      spanNamed('invoke_agent lazy').spanContext().spanId,
    )
  })

  test('the same promise subclass', async () => {
    class Tagged<T> extends Promise<T> {}
    const promise = Tagged.resolve(1)

    const given = observe(() => promise)()

    expect(given).toBe(promise)
    expect(spans()).toHaveLength(0)
    await given
    expect(spans()).toHaveLength(1)
  })
})

describe('an error', () => {
  class QuotaError extends Error {
    override readonly name = 'QuotaError'
  }
  const error = new QuotaError('out of quota')

  test.each([
    [
      'thrown',
      async () => {
        observe(() => {
          throw error
        })()
      },
    ],
    [
      'rejected',
      () =>
        observe(async () => {
          throw error
        })(),
    ],
    [
      'thrown by a generator',
      async () => {
        const fail = observe(function* () {
          yield 1
          throw error
        })
        for (const _ of fail()) {
          // consumed
        }
      },
    ],
  ])('that is %s comes out as the same object and marks the span', async (_, run) => {
    await expect(run()).rejects.toBe(error)

    const [span] = spans()
    expect(span?.status.code).toBe(SpanStatusCode.ERROR)
    expect(span?.attributes['error.type']).toBe('QuotaError')
    expect(
      span?.events.map(({ name, attributes }) => [name, attributes?.['exception.message']]),
    ).toEqual([['exception', 'out of quota']])
  })

  test.each([[undefined], [null], ['text'], [{ code: 1 }], [Object.create(null)]])(
    'that is no Error, %o, comes out as it is',
    (thrown) => {
      let caught: unknown = 'nothing'
      try {
        observe(() => {
          throw thrown
        })()
      } catch (error) {
        caught = error
      }

      expect(caught).toBe(thrown)
      expect(spans()[0]?.status.code).toBe(SpanStatusCode.ERROR)
    },
  )

  test('an unhandled rejection stays unhandled', () => {
    const program = `
      import { NodeTracerProvider } from '@opentelemetry/sdk-trace-node'
      const { observe } = await import(${JSON.stringify(new URL('./observe.ts', import.meta.url).href)})
      new NodeTracerProvider().register()
      process.on('unhandledRejection', (error) => console.log('unhandled', error.message))
      observe(async () => { throw new Error('one') })()
      observe(async () => { throw new Error('two') })().catch(() => {})
    `
    const { stdout, stderr } = spawnSync(
      process.execPath,
      ['--import', 'tsx', '--input-type=module', '-e', program],
      { encoding: 'utf8', cwd: new URL('../..', import.meta.url) },
    )

    expect(stderr).toBe('')
    expect(stdout.trim()).toBe('unhandled one')
  })
})

describe('a stream keeps the span open', () => {
  const sources: readonly [string, () => AsyncIterable<string> | Iterable<string>][] = [
    [
      'an async generator',
      async function* () {
        child('inside')
        yield 'a'
        yield 'b'
      },
    ],
    [
      'a sync generator',
      function* () {
        child('inside')
        yield 'a'
        yield 'b'
      },
    ],
    [
      'an async iterable',
      () => ({
        async *[Symbol.asyncIterator]() {
          child('inside')
          yield 'a'
          yield 'b'
        },
      }),
    ],
    [
      'a Node stream',
      () => {
        const left = ['a', 'b']
        return new Readable({
          objectMode: true,
          read() {
            if (left.length === 2) child('inside')
            this.push(left.shift() ?? null)
          },
        })
      },
    ],
    [
      'a web stream',
      () => {
        const left = ['a', 'b']
        return new ReadableStream<string>(
          {
            pull(controller) {
              if (left.length === 2) child('inside')
              const next = left.shift()
              if (next === undefined) controller.close()
              else controller.enqueue(next)
            },
          },
          { highWaterMark: 0 },
        )
      },
    ],
  ]

  test.each(sources)(
    '%s: until it is consumed, with what it does nested under it',
    async (_, fn) => {
      const stream = observe(fn, { name: 'source' })()
      await new Promise<void>((resolve) => setImmediate(resolve))
      expect(spans()).toHaveLength(0)

      const got: string[] = []
      for await (const word of stream) {
        got.push(word)
        expect(spans().map(({ name }) => name)).toEqual(['inside'])
        expect(trace.getActiveSpan()).toBe(undefined)
      }
      await new Promise<void>((resolve) => setImmediate(resolve))

      expect(got).toEqual(['a', 'b'])
      expect(chunks).toEqual(['a', 'b'])
      const span = spanNamed('invoke_agent source')
      expect(spanNamed('inside').parentSpanContext?.spanId).toBe(span.spanContext().spanId)
      expect(span.attributes['spancast.chunk.count']).toBe(2)
      expect(span.attributes['gen_ai.response.time_to_first_chunk']).toBeGreaterThanOrEqual(0)
    },
  )

  test.each(sources)('%s: until it is left', async (_, fn) => {
    for await (const _word of observe(fn, { name: 'source' })()) break
    await new Promise<void>((resolve) => setImmediate(resolve))

    const span = spanNamed('invoke_agent source')
    expect(span.attributes['spancast.chunk.count']).toBe(1)
    expect(span.status.code).toBe(SpanStatusCode.UNSET)
  })

  test.each(sources)('%s: until it is dropped', async (_, fn) => {
    ;(() => {
      observe(fn, { name: 'source' })()
    })()
    await collectGarbageUntil(() => spans().length > 0)

    expect(spanNamed('invoke_agent source').attributes['spancast.abandoned']).toBe(true)
  })

  test('also when it comes in a promise', async () => {
    const words = observe(
      async () =>
        (async function* () {
          yield 'a'
        })(),
      { name: 'source' },
    )

    const stream = await words()
    expect(spans()).toHaveLength(0)
    for await (const _ of stream) {
      // consumed
    }

    expect(spanNamed('invoke_agent source').attributes['spancast.chunk.count']).toBe(1)
  })

  test('its text is the output, where spans carry content', async () => {
    configure({ capture: { spans: true } })
    const words = observe(function* () {
      yield 'a'
      yield 'b'
    })

    expect([...words()]).toEqual(['a', 'b'])
    expect(spans()[0]?.attributes['spancast.output']).toBe('ab')
  })
})

describe('an agent object', () => {
  class Agent {
    readonly name = 'writer'
    readonly #style = 'terse'
    readonly tools = {
      search: async (query: string): Promise<string> => `found ${query}`,
      lookup: { name: 'look_up', invoke: (): string => 'looked', func: (): string => 'not this' },
    }
    get style(): string {
      return this.#style
    }
    async run(question: string): Promise<string> {
      return this.generate(await this.tools.search(question))
    }
    async generate(facts: string): Promise<string> {
      return `${this.style}: ${facts}, ${this.tools.lookup.invoke()}`
    }
    async *stream(question: string): AsyncGenerator<string> {
      yield await this.run(question)
    }
  }

  test('is instrumented in place: one node a call, its tools below it', async () => {
    const agent = new Agent()

    expect(observe(agent)).toBe(agent)
    expect(await agent.run('x')).toBe('terse: found x, looked')

    const node = spanNamed('invoke_agent writer')
    expect(spans().map(({ name }) => name)).toEqual([
      'execute_tool search',
      'execute_tool look_up',
      'invoke_agent writer',
    ])
    for (const tool of spans().slice(0, 2)) {
      expect(tool.parentSpanContext?.spanId).toBe(node.spanContext().spanId)
    }
  })

  test('a stream of it that calls its own methods is one node too', async () => {
    for await (const _ of observe(new Agent()).stream('x')) {
      // consumed
    }

    expect(spans().filter(({ name }) => name === 'invoke_agent writer')).toHaveLength(1)
  })

  test('whoever listens to its stream is outside of it', async () => {
    const agent = observe({
      name: 'streamer',
      stream: () => Readable.from(['a']),
      run: () => 'ran',
    })

    const stream = agent.stream()
    stream.on('data', () => agent.run())
    await new Promise((resolve) => stream.on('close', resolve))

    expect(spans().filter(({ name }) => name === 'invoke_agent streamer')).toHaveLength(2)
    expect(spans().every(({ parentSpanContext }) => parentSpanContext === undefined)).toBe(true)
  })

  test('called again from an observed tool outside its collection, it is a new node', () => {
    const again = observe((): string => agent.run(false), { kind: 'tool', name: 'again' })
    const agent = observe({
      name: 'outer',
      run: (deep: boolean): string => (deep ? again() : 'done'),
    })

    expect(agent.run(true)).toBe('done')
    expect(spans().map(({ name }) => name)).toEqual([
      'invoke_agent outer',
      'execute_tool again',
      'invoke_agent outer',
    ])
  })

  test('is instrumented once', () => {
    const agent = observe(observe({ name: 'once', run: () => 1 }))

    agent.run()
    observe(agent.run)()

    expect(spans()).toHaveLength(2)
  })

  test('its type stays', () => {
    expectTypeOf(observe(new Agent(), { methods: ['run'] })).toEqualTypeOf<Agent>()
  })
})

describe('whatever the arguments are', () => {
  const circular: Record<string, unknown> = {}
  circular.self = circular
  const revoked = Proxy.revocable({}, {})
  revoked.revoke()
  const hostile: readonly [string, unknown][] = [
    ['circular', circular],
    ['huge', 'x'.repeat(5_000_000)],
    ['a huge array', new Array(100_000).fill({ a: 1 })],
    ['BigInt', 10n ** 40n],
    ['binary', Buffer.alloc(1_000_000)],
    ['a symbol', Symbol('s')],
    ['an invalid date', new Date(Number.NaN)],
    [
      'a throwing getter',
      {
        get value(): never {
          throw new Error('getter')
        },
      },
    ],
    [
      'a throwing toJSON',
      {
        toJSON(): never {
          throw new Error('toJSON')
        },
      },
    ],
    ['a revoked Proxy', revoked.proxy],
    ['deeply nested', JSON.parse('['.repeat(5_000) + ']'.repeat(5_000))],
  ]

  test.each(hostile)('%s goes in and comes out untouched, with content captured', (_, value) => {
    configure({ capture: { spans: true } })
    useProcessors(
      new AgentEventProcessor({ registry: new ObserverRegistry() }),
      new SimpleSpanProcessor(exporter),
    )
    let calls = 0
    const echo = observe((given: unknown) => {
      calls++
      return given
    })

    expect(echo(value) === value).toBe(true)
    expect(calls).toBe(1)
    expect(spans()).toHaveLength(1)
  })

  test('content is a snapshot taken at the call', () => {
    configure({ capture: { spans: true } })
    const mutate = observe((list: number[]) => {
      list.push(2)
    })

    mutate([1])

    expect(spans()[0]?.attributes['spancast.input']).toBe('[1]')
  })
})

describe('telemetry that fails never reaches the caller, and the function runs once', () => {
  const fail = (): never => {
    throw new Error('telemetry')
  }
  const processor = (broken: Partial<SpanProcessor>): SpanProcessor => ({
    onStart() {},
    onEnd() {},
    forceFlush: async () => {},
    shutdown: async () => {},
    ...broken,
  })

  test.each<[string, () => void]>([
    ['a processor that throws at the start', () => useProcessors(processor({ onStart: fail }))],
    ['a processor that throws at the end', () => useProcessors(processor({ onEnd: fail }))],
    [
      'a sampler that throws',
      () => {
        trace.disable()
        context.disable()
        provider = new NodeTracerProvider({
          sampler: { shouldSample: fail, toString: () => 'broken' },
        })
        provider.register()
      },
    ],
    [
      'an exporter that throws',
      () =>
        useProcessors(
          new SimpleSpanProcessor({
            export: fail,
            shutdown: async () => {},
            forceFlush: async () => {},
          }),
        ),
    ],
    [
      'a redactor that throws',
      () => {
        configure({ capture: { spans: true }, redact: fail })
        useProcessors(
          new AgentEventProcessor({ registry: new ObserverRegistry() }),
          new SimpleSpanProcessor(exporter),
        )
      },
    ],
    [
      'a link that throws',
      () =>
        useProcessors(
          processor({
            onStart: (span: Span) =>
              setLink(span, { chunk: fail, event: fail, usage: fail, cost: fail }),
          }),
        ),
    ],
  ])('%s', async (_, arrange) => {
    arrange()
    let calls = 0
    const sync = observe((value: number) => {
      calls++
      return value
    })
    const rejecting = observe(async () => {
      calls++
      throw new RangeError('mine')
    })
    const streaming = observe(async function* () {
      calls++
      yield 'a'
    })

    expect(sync(1)).toBe(1)
    await expect(rejecting()).rejects.toThrow(RangeError)
    const got: string[] = []
    for await (const word of streaming()) got.push(word)

    expect(got).toEqual(['a'])
    expect(calls).toBe(3)
  })

  test('a subscriber that throws', () => {
    const registry = new ObserverRegistry()
    useProcessors(new AgentEventProcessor({ registry }))
    let calls = 0
    const outer = observe(() => {
      registry.list()[0]?.subscribe(fail)
      return inner()
    })
    const inner = observe(() => ++calls)

    expect(outer()).toBe(1)
    expect(calls).toBe(1)
  })
})

test('a foreign agent span for the very call is folded into ours', async () => {
  const registry = new ObserverRegistry()
  useProcessors(new AgentEventProcessor({ registry }))
  const agent = observe(
    async () =>
      trace.getTracer('other-library').startActiveSpan(
        'invoke_agent researcher',
        {
          attributes: {
            'gen_ai.operation.name': 'invoke_agent',
            'gen_ai.agent.name': 'researcher',
          },
        },
        async (span) => {
          span.end()
          return 'answer'
        },
      ),
    { name: 'researcher' },
  )

  await agent()

  const events = registry.list()[0]?.getEvents() ?? []
  expect(events.map(({ type }) => type).filter((type) => type.startsWith('agent.'))).toEqual([
    'agent.start',
    'agent.end',
  ])
})

test('without a provider the function just runs', () => {
  trace.disable()

  expect(observe((value: number) => value + 1)(1)).toBe(2)
})

test('a wrapper that was made before the provider observes once there is one', () => {
  trace.disable()
  const early = observe(() => 1, { name: 'early' })
  early()
  useProcessors(new SimpleSpanProcessor(exporter))

  early()

  expect(spans().map(({ name }) => name)).toEqual(['invoke_agent early'])
})

test('work that goes on after the call nests under it by its context', () => {
  let later: Context | undefined
  observe(
    () => {
      later = context.active()
    },
    { name: 'done' },
  )()
  if (later !== undefined) context.with(later, () => child('late'))

  expect(spanNamed('late').parentSpanContext?.spanId).toBe(
    spanNamed('invoke_agent done').spanContext().spanId,
  )
})
