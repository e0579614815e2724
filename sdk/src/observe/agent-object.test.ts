import { once } from 'node:events'
import { context } from '@opentelemetry/api'
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { SpancastError } from '../errors.ts'
import { instrumentAgent } from './agent-object.ts'
import type { Wrap } from './agent-tools.ts'

beforeAll(() => {
  context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable())
})
afterAll(() => {
  context.disable()
})

/** A wrapper that notes each call, and what there was to note. */
function recorder(): { wrap: Wrap; calls: string[] } {
  const calls: string[] = []
  const wrapped = new WeakSet<object>()
  return {
    calls,
    wrap: (fn, { name, kind }) => {
      if (wrapped.has(fn)) return fn
      function wrapper(this: unknown, ...args: unknown[]): unknown {
        calls.push(`${kind} ${name}`)
        return Reflect.apply(fn, this, args)
      }
      wrapped.add(wrapper)
      return wrapper
    },
  }
}

class Researcher {
  readonly name = 'researcher'
  readonly #topic = 'spans'
  get topic(): string {
    return this.#topic
  }
  run(question: string): string {
    return `${question} ${this.#topic}`
  }
  async invoke(question: string): Promise<string> {
    return this.run(question)
  }
  async *stream(question: string): AsyncGenerator<string> {
    yield await this.invoke(question)
    yield this.run(question)
  }
  ask(question: string): string {
    return this.run(question)
  }
}

describe('an agent', () => {
  test('is returned itself, its class untouched, private fields and getters at work', async () => {
    const { wrap, calls } = recorder()
    const agent = new Researcher()
    const before = {
      keys: Object.keys(agent),
      prototype: { ...Object.getOwnPropertyDescriptors(Researcher.prototype) },
    }

    expect(instrumentAgent(agent, {}, wrap)).toBe(agent)

    expect(agent).toBeInstanceOf(Researcher)
    expect(agent.topic).toBe('spans')
    expect(agent.run('why')).toBe('why spans')
    expect(Object.keys(agent)).toEqual(before.keys)
    expect(Object.getOwnPropertyDescriptors(Researcher.prototype)).toEqual(before.prototype)
    expect(new Researcher().run('other')).toBe('other spans')
    expect(calls).toEqual(['agent researcher'])
  })

  test('calls its own other methods in the same node', async () => {
    const { wrap, calls } = recorder()
    const agent = instrumentAgent(new Researcher(), {}, wrap)

    await agent.invoke('a')

    expect(calls).toEqual(['agent researcher'])
  })

  test('a call after another one is a node of its own', async () => {
    const { wrap, calls } = recorder()
    const agent = instrumentAgent(new Researcher(), {}, wrap)

    await Promise.all([agent.invoke('a'), agent.invoke('b')])
    agent.run('c')

    expect(calls).toHaveLength(3)
  })

  test('that is called again by one of its tools runs anew', () => {
    const { wrap, calls } = recorder()
    const agent = {
      name: 'outer',
      depth: 0,
      tools: { again: (): string => agent.run() },
      run(): string {
        return this.depth++ === 0 ? this.tools.again() : 'deep'
      },
    }
    instrumentAgent(agent, {}, wrap)

    expect(agent.run()).toBe('deep')
    expect(calls).toEqual(['agent outer', 'tool again', 'agent outer'])
  })

  test('that is called again by another agent runs anew', () => {
    const { wrap, calls } = recorder()
    const first = {
      name: 'first',
      run: (deep: boolean): string => (deep ? 'deep' : second.run()),
    }
    const second = { name: 'second', run: (): string => first.run(true) }
    instrumentAgent(first, {}, wrap)
    instrumentAgent(second, {}, wrap)

    expect(first.run(false)).toBe('deep')
    expect(calls).toEqual(['agent first', 'agent second', 'agent first'])
  })

  test('a second time changes nothing', () => {
    const { wrap, calls } = recorder()
    const agent = instrumentAgent(new Researcher(), {}, wrap)
    const { run } = agent

    expect(instrumentAgent(agent, { name: 'other' }, wrap)).toBe(agent)
    expect(agent.run).toBe(run)
    agent.run('x')
    expect(calls).toEqual(['agent researcher'])
  })

  test('goes by the given name, its own, or its class', () => {
    const { wrap, calls } = recorder()
    class Planner {
      run(): void {}
    }
    instrumentAgent(new Researcher(), { name: 'given' }, wrap).run('')
    instrumentAgent(new Planner(), {}, wrap).run()
    instrumentAgent({ run() {} }, {}, wrap).run()

    expect(calls).toEqual(['agent given', 'agent Planner', 'agent agent'])
  })

  test('only the methods that are named become nodes', () => {
    const { wrap, calls } = recorder()
    const agent = instrumentAgent(new Researcher(), { methods: ['ask'] }, wrap)

    agent.run('a')
    agent.ask('b')

    expect(calls).toEqual(['agent researcher'])
  })

  test('a method that it does not have is refused, and nothing has changed', () => {
    const { wrap } = recorder()
    const agent = new Researcher()

    expect(() => instrumentAgent(agent, { methods: ['run', 'walk'] }, wrap)).toThrow(SpancastError)
    expect(Object.keys(agent)).toEqual(['name'])
    expect(Object.hasOwn(agent, 'run')).toBe(false)
  })

  test('a method behind a getter is left alone', () => {
    const { wrap, calls } = recorder()
    let read = 0
    const agent = {
      get run() {
        read++
        return () => 'got'
      },
    }
    instrumentAgent(agent, {}, wrap)

    expect(read).toBe(0)
    expect(agent.run()).toBe('got')
    expect(calls).toEqual([])
  })

  test('own methods stay as visible as they were', () => {
    const { wrap } = recorder()
    const agent = Object.defineProperty({ run() {} }, 'invoke', {
      value() {},
      enumerable: false,
      configurable: true,
    })

    instrumentAgent(agent, {}, wrap)

    expect(Object.keys(agent)).toEqual(['run'])
  })

  test.each([
    ['frozen', Object.freeze],
    ['sealed', Object.seal],
  ])('that is %s is left alone, said once', async (_, close) => {
    const { wrap, calls } = recorder()
    const agent = close({ name: 'closed', run: () => 'ran' })
    const warnings: string[] = []
    const listen = (warning: Error & { code?: string }) => warnings.push(String(warning.code))
    process.on('warning', listen)

    instrumentAgent(agent, {}, wrap)
    instrumentAgent(agent, {}, wrap)
    process.emitWarning('last', { code: 'LAST' })
    while (!warnings.includes('LAST')) await once(process, 'warning')
    process.off('warning', listen)

    expect(agent.run()).toBe('ran')
    expect(calls).toEqual([])
    expect(warnings).toEqual(['SPANCAST_FROZEN_AGENT', 'LAST'])
  })

  test('that refuses to be looked at is returned as it is', () => {
    const { wrap } = recorder()
    const { proxy, revoke } = Proxy.revocable({}, {})
    revoke()

    expect(instrumentAgent(proxy, { methods: ['run'] }, wrap) === proxy).toBe(true)
  })
})

describe('its tools', () => {
  test('may stand in an array, a record or a Map, as objects or functions', () => {
    const { wrap, calls } = recorder()
    const tool = (name: string) => ({ name, execute: () => name })
    const search = () => 'found'
    const agents = [
      {
        tools: [tool('a'), search, { function: { name: 'declared' }, invoke() {} }, { call() {} }],
      },
      { tools: { fetch: () => 'fetched', keyed: { run: () => 'ran' } } },
      {
        tools: new Map<string, unknown>([
          ['mapped', () => 'm'],
          ['x', tool('b')],
        ]),
      },
    ]
    for (const agent of agents) {
      instrumentAgent(agent, {}, wrap)
      for (const one of agent.tools instanceof Map
        ? agent.tools.values()
        : Object.values(agent.tools)) {
        const { execute, invoke, call, run } = one as Record<string, (() => void) | undefined>
        ;(typeof one === 'function' ? one : (execute ?? invoke ?? (run || call)))?.call(one)
      }
    }

    expect(calls).toEqual([
      'tool a',
      'tool search',
      'tool declared',
      'tool tool 3',
      'tool fetch',
      'tool keyed',
      'tool mapped',
      'tool b',
    ])
  })

  test.each([
    ['execute', ['func', 'run', 'call', 'invoke', 'execute']],
    ['invoke', ['func', 'run', 'call', 'invoke']],
    ['call', ['func', 'run', 'call']],
    ['run', ['func', 'run']],
    ['func', ['func']],
  ])('%s is the method where it comes first, and the others are left alone', (method, methods) => {
    const { wrap, calls } = recorder()
    const tool: Record<string, () => void> = {}
    for (const key of methods) tool[key] = () => {}
    instrumentAgent({ tools: [tool] }, {}, wrap)

    for (const key of methods) if (key !== method) tool[key]?.()
    expect(calls).toEqual([])
    tool[method]?.()
    expect(calls).toHaveLength(1)
  })

  test('a tool keeps its this, its private fields and its class', () => {
    const { wrap } = recorder()
    class Search {
      readonly name = 'search'
      readonly #index = 'index'
      execute(): string {
        return this.#index
      }
    }
    const tool = new Search()
    instrumentAgent({ tools: [tool] }, {}, wrap)

    expect(tool.execute()).toBe('index')
    expect(Object.keys(tool)).toEqual(['name'])
    expect(Object.hasOwn(Search.prototype, 'execute')).toBe(true)
  })

  test('a tool that two agents share is one tool', () => {
    const { wrap, calls } = recorder()
    const shared = { name: 'shared', execute() {} }
    const both = [shared, function bare() {}] as const
    instrumentAgent({ tools: both }, {}, wrap)
    instrumentAgent({ tools: both }, {}, wrap)

    shared.execute()
    both[1]()

    expect(calls).toEqual(['tool shared', 'tool bare'])
  })

  test('may be given beside the agent, or be left alone', () => {
    const { wrap, calls } = recorder()
    const given = { lookup: () => 1 }
    const own = { hidden: () => 2 }

    instrumentAgent({ tools: own }, { tools: given }, wrap)
    given.lookup()
    instrumentAgent({ tools: own }, { tools: false }, wrap)
    own.hidden()

    expect(calls).toEqual(['tool lookup'])
  })

  test('are found behind a getter', () => {
    const { wrap, calls } = recorder()
    const tools = { lookup: () => 1 }
    class Agent {
      get tools(): typeof tools {
        return tools
      }
    }
    instrumentAgent(new Agent(), {}, wrap)

    tools.lookup()

    expect(calls).toEqual(['tool lookup'])
  })

  test('an agent among them stays one node', () => {
    const { wrap, calls } = recorder()
    const helper = instrumentAgent({ name: 'helper', run() {} }, {}, wrap)
    instrumentAgent({ tools: [helper] }, {}, wrap)

    helper.run()

    expect(calls).toEqual(['agent helper'])
  })

  test.each([[null], ['text'], [() => {}], [[null, 1, 'x', {}]], [{ schema: { type: 'object' } }]])(
    'what is no tool is left alone: %o',
    (tools) => {
      const { wrap, calls } = recorder()

      expect(() => instrumentAgent({ tools }, {}, wrap)).not.toThrow()
      expect(calls).toEqual([])
    },
  )
})
