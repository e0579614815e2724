import {
  context,
  propagation,
  ROOT_CONTEXT,
  type Span,
  SpanStatusCode,
  TraceFlags,
  trace,
} from '@opentelemetry/api'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { withObservationContext } from '../context/observation-context.ts'
import { emit, emitChunk } from '../observe/emit.ts'
import { observe } from '../observe/observe.ts'
import { observeRun } from '../observe/observe-run.ts'
import { ObserverRegistry } from '../observer/observer-registry.ts'
import { type Observing, startObserving } from '../testing/observing.ts'
import { find, told, tree } from '../testing/telling.ts'
import { AgentEventProcessor } from './agent-event-processor.ts'
import type { JoinRuns } from './run-naming.ts'

let observing: Observing
beforeEach(() => {
  observing = startObserving()
})
afterEach(() => {
  vi.useRealTimers()
  observing.stop()
})

/** Runs `fn` in a span of another library. */
function inSpan<T>(name: string, attributes: Record<string, string>, fn: (span: Span) => T): T {
  return observing.foreign.startActiveSpan(name, { attributes }, (span) => {
    try {
      return fn(span)
    } finally {
      span.end()
    }
  })
}

function agent<T>(name: string, fn: (span: Span) => T): T {
  return inSpan(
    `invoke_agent ${name}`,
    { 'gen_ai.operation.name': 'invoke_agent', 'gen_ai.agent.name': name },
    fn,
  )
}

function useFakeTime(): void {
  vi.useFakeTimers({
    toFake: ['setTimeout', 'clearTimeout', 'setInterval', 'clearInterval', 'Date', 'performance'],
  })
}

describe('the tree', () => {
  test('leads from each span to the nearest one above that has events', () => {
    const search = observe(() => inSpan('http GET', {}, () => model()), {
      name: 'search',
      kind: 'tool',
    })
    const model = observe(() => 'text', { name: 'gpt', kind: 'llm' })
    const researcher = observe(
      () => inSpan('retry', {}, () => inSpan('cache', {}, () => search())),
      {
        name: 'Researcher',
      },
    )
    const team = observe(() => researcher(), { name: 'Team', kind: 'workflow' })

    team()

    const events = observing.events()
    expect(tree(events)).toEqual([
      'Team',
      'Team',
      'Researcher < Team',
      'search < Researcher',
      'gpt < search',
    ])
    expect(observing.spans()).toHaveLength(7)
    const researcherStart = find(events, 'agent.start', 'Researcher')
    expect(researcherStart.parentNodeId).toBe(find(events, 'agent.start', 'Team').nodeId)
    expect(find(events, 'agent.tool.start').nodeId).toBe(researcherStart.spanId)
    expect(find(events, 'agent.llm.end').nodeId).toBe(researcherStart.spanId)
  })

  test('a node below a tool has the tool as its parent, and the tool’s node as its parent node', () => {
    const helper = observe(() => 1, { name: 'Helper' })
    const ask = observe(() => helper(), { name: 'ask', kind: 'tool' })
    observe(() => ask(), { name: 'Boss' })()

    const events = observing.events()
    const boss = find(events, 'agent.start', 'Boss')
    const start = find(events, 'agent.start', 'Helper')
    expect(start.parentSpanId).toBe(find(events, 'agent.tool.start').spanId)
    expect(start.parentNodeId).toBe(boss.nodeId)
  })

  test('a node goes by the id it was given, which its tools and its children see, and may repeat', () => {
    const tool = observe(() => 1, { name: 'tool', kind: 'tool' })
    const inner = observe(() => tool(), { name: 'Inner', kind: 'step' })
    const outer = observe(() => [inner(), inner()], { name: 'Outer', nodeId: 'outer-1' })
    outer()

    const events = observing.events()
    expect(find(events, 'agent.start', 'Outer')).toMatchObject({ nodeId: 'outer-1' })
    expect(find(events, 'agent.start', 'Inner')).toMatchObject({
      nodeKind: 'step',
      parentNodeId: 'outer-1',
    })

    const twice = observe(() => tool(), { name: 'Twice', nodeId: 'same' })
    observe(() => [twice(), twice()], { name: 'Root' })()
    const starts = observing.events().filter(({ nodeId }) => nodeId === 'same')
    expect(starts.filter(({ type }) => type === 'agent.start')).toHaveLength(2)
    expect(starts.filter(({ type }) => type === 'agent.tool.start')).toHaveLength(2)
    expect(new Set(starts.map(({ spanId }) => spanId)).size).toBe(4)
  })

  test('each span has one start and one end, the start first, a parent’s before its child’s', async () => {
    const leaf = observe(async () => 1, { name: 'leaf', kind: 'tool' })
    const branch = observe(async () => Promise.all([leaf(), leaf(), leaf()]), { name: 'branch' })
    await observeRun({}, () => Promise.all([branch(), branch()]))

    const events = observing.events()
    const seen = new Map<string, string[]>()
    for (const { spanId, parentSpanId, type } of events) {
      if (parentSpanId !== undefined) expect(seen.has(parentSpanId)).toBe(true)
      seen.set(spanId, [...(seen.get(spanId) ?? []), type.replace(/.*\./, '')])
    }
    expect(new Set([...seen.values()].map(String))).toEqual(new Set(['start,end']))
    expect(events.map(({ seq }) => seq)).toEqual(events.map((_, at) => at + 1))
  })
})

describe('a namespace', () => {
  function namespaceOf(name: string): string | undefined {
    return observing.events().find((event) => told([event])[0]?.endsWith(` ${name}`))?.namespace
  }

  test('is the span’s own, else the nearest given above', () => {
    const tool = observe(() => 1, { name: 'tool', kind: 'tool', namespace: 'tool_ns' })
    const model = observe(() => 1, { name: 'model', kind: 'llm' })
    const inner = observe(() => [tool(), model()], { name: 'Inner' })
    observe(() => inner(), { name: 'Outer', namespace: 'sales_agent' })()

    expect(namespaceOf('Outer')).toBe('sales_agent')
    expect(namespaceOf('Inner')).toBe('sales_agent')
    expect(namespaceOf('tool')).toBe('tool_ns')
    expect(namespaceOf('model')).toBe('sales_agent')
    const summary = observing.registry.list()[0]?.summary()
    expect(summary?.namespaces).toEqual(['sales_agent', 'tool_ns'])
  })

  test('is else a node’s own name, and for all else its node’s name', () => {
    const tool = observe(() => emit('note', 1), { name: 'tool', kind: 'tool' })
    observe(() => tool(), { name: 'Researcher' })()

    expect(namespaceOf('tool')).toBe('Researcher')
    expect(namespaceOf('note')).toBe('Researcher')
  })

  test('given to a run is that of everything in it that has none of its own', async () => {
    const inner = observe(() => 1, { name: 'Inner' })
    await observeRun({ namespace: 'stock_agent' }, () => inner())

    expect(new Set(observing.events().map(({ namespace }) => namespace))).toEqual(
      new Set(['stock_agent']),
    )
  })
})

describe('a run that nobody named', () => {
  test('has the trace’s id, and begins and ends with an observed call at the top', () => {
    observe((q: string) => q, { name: 'Ask' })('why')

    const observer = observing.registry.list()[0]
    expect(observer?.randomId).toBe(observing.span('invoke_agent Ask').spanContext().traceId)
    expect(told(observing.events())).toEqual([
      'run.start Ask',
      'agent.start Ask',
      'agent.end Ask',
      'run.end ok',
    ])
    expect(new Set(observing.events().map(({ spanId }) => spanId)).size).toBe(1)
  })

  test('below a root that is no agent has that root’s name, node and span, and lives as long', () => {
    inSpan('POST /ask', {}, (root) => {
      inSpan('middleware', {}, () => observe(() => 1, { name: 'First' })())
      inSpan('handler', {}, () => observe(() => 1, { name: 'Second' })())

      expect(observing.registry.list()).toHaveLength(1)
      expect(observing.registry.list()[0]?.ended).toBe(false)
      expect(observing.events()[0]).toMatchObject({
        type: 'run.start',
        name: 'POST /ask',
        nodeId: root.spanContext().spanId,
        spanId: root.spanContext().spanId,
      })
    })

    const events = observing.events()
    expect(tree(events)).toEqual(['POST /ask', 'First < POST /ask', 'Second < POST /ask'])
    expect(find(events, 'agent.start', 'Second').parentNodeId).toBe(events[0]?.nodeId)
    expect(told(events).at(-1)).toBe('run.end ok')
    expect(events[0]?.timestamp).toBeLessThanOrEqual(events[1]?.timestamp ?? 0)
  })

  test('waits for what its root has left open', () => {
    let late: Span | undefined
    inSpan('POST /ask', {}, () => {
      late = observing.foreign.startSpan('invoke_agent Late', {
        attributes: { 'gen_ai.operation.name': 'invoke_agent' },
      })
    })
    expect(observing.registry.list()[0]?.ended).toBe(false)

    late?.end()

    expect(told(observing.events())).toEqual([
      'run.start POST /ask',
      'agent.start Late',
      'agent.end Late',
      'run.end ok',
    ])
  })

  test('that begins when its root has ended already ends with what is in it', () => {
    const root = observing.foreign.startSpan('GET /fire-and-forget')
    root.end()

    context.with(
      trace.setSpan(context.active(), root),
      observe(() => 1, { name: 'Work' }),
    )

    expect(told(observing.events()).at(-1)).toBe('run.end ok')
    expect(observing.registry.list()[0]?.ended).toBe(true)
  })

  test('shows the failure of its root', () => {
    expect(() =>
      inSpan('POST /ask', {}, (root) => {
        observe(() => 1, { name: 'A' })()
        root.recordException(new TypeError('broken'))
        root.setStatus({ code: SpanStatusCode.ERROR })
        throw new TypeError('broken')
      }),
    ).toThrow('broken')

    expect(find(observing.events(), 'run.end')).toMatchObject({
      status: 'error',
      error: { type: 'TypeError', message: 'broken' },
    })
  })

  test('is none where no agent is', () => {
    inSpan('GET /health', {}, () => inSpan('db', {}, () => {}))

    expect(observing.registry.size).toBe(0)
    expect(observing.span('db').attributes).toEqual({})
  })

  test('takes in a second root of its trace, and begins anew after its end', () => {
    const remote = trace.setSpanContext(ROOT_CONTEXT, {
      traceId: 'a'.repeat(32),
      spanId: 'b'.repeat(16),
      traceFlags: TraceFlags.SAMPLED,
      isRemote: true,
    })
    const work = observe((_name: string, fn: () => void) => void fn(), { name: 'Work' })

    context.with(remote, work, undefined, 'outer', () =>
      context.with(remote, work, undefined, 'inner', () => {}),
    )
    const first = observing.registry.get('a'.repeat(32))
    expect(told(first?.getEvents() ?? [])).toHaveLength(6)

    context.with(remote, work, undefined, 'later', () => {})
    const second = observing.registry.get('a'.repeat(32))
    expect(second?.epoch).not.toBe(first?.epoch)
    expect(told(second?.getEvents() ?? [])).toHaveLength(4)
  })
})

describe('spans that do not end', () => {
  test('end as abandoned when the grace is over, the innermost first, each once', async () => {
    useFakeTime()
    const open: Span[] = []
    await observeRun({}, () => {
      agent('Outer', () => {})
      const outer = observing.foreign.startSpan('invoke_agent A', {
        attributes: { 'gen_ai.operation.name': 'invoke_agent' },
      })
      const inner = observing.foreign.startSpan(
        'execute_tool t',
        { attributes: { 'gen_ai.operation.name': 'execute_tool' } },
        trace.setSpan(context.active(), outer),
      )
      open.push(outer, inner)
    })

    vi.advanceTimersByTime(9_999)
    expect(told(observing.events()).at(-1)).toBe('agent.tool.start t')
    vi.advanceTimersByTime(1)

    const events = observing.events()
    expect(told(events).slice(-3)).toEqual(['agent.tool.end t', 'agent.end A', 'run.end ok'])
    expect(find(events, 'agent.tool.end')).toMatchObject({ abandoned: true })
    expect(find(events, 'agent.tool.end').duration).toBeCloseTo(10_000, -1)
    expect(find(events, 'agent.end', 'A')).toMatchObject({ abandoned: true })
    expect(find(events, 'agent.end', 'Outer')).not.toHaveProperty('abandoned')

    for (const span of open) span.end()
    expect(observing.events()).toEqual(events)
    expect(observing.registry.list()[0]?.summary()).toMatchObject({ lateEvents: 2, openSpans: 0 })
  })

  test('the run does not end before them, if they end within the grace', async () => {
    useFakeTime()
    let late: Span | undefined
    await observeRun({}, () => {
      late = observing.foreign.startSpan('chat m', {
        attributes: { 'gen_ai.operation.name': 'chat' },
      })
    })

    vi.advanceTimersByTime(9_000)
    late?.end()

    expect(told(observing.events()).slice(-2)).toEqual(['agent.llm.end null', 'run.end ok'])
    expect(find(observing.events(), 'agent.llm.end')).not.toHaveProperty('abandoned')
    const events = observing.events()
    vi.advanceTimersByTime(20_000)
    expect(observing.events()).toEqual(events)
  })

  test('what starts after the end is counted, not streamed', async () => {
    let later = () => {}
    await observeRun({}, () => {
      later = context.bind(context.active(), () => void observe(() => 1, { name: 'Late' })())
    })
    const before = observing.events()

    later()

    expect(observing.events()).toEqual(before)
    expect(observing.registry.list()[0]?.summary().lateEvents).toBe(2)
    expect(observing.registry.size).toBe(1)
  })

  test('recorded usage of an abandoned model call is shown and counted', async () => {
    useFakeTime()
    const { recordUsage, recordCost } = await import('../observe/emit.ts')
    await observeRun({}, () => {
      const call = observing.foreign.startSpan('chat m', {
        attributes: { 'gen_ai.operation.name': 'chat' },
      })
      context.with(trace.setSpan(context.active(), call), () => {
        recordUsage({ inputTokens: 3, outputTokens: 4 })
        recordCost(0.5)
      })
    })
    vi.advanceTimersByTime(10_000)

    const end = find(observing.events(), 'agent.llm.end')
    expect(end).toMatchObject({ abandoned: true, cost: 0.5, tokenUsage: { totalTokens: 7 } })
    expect(find(observing.events(), 'run.end')).toMatchObject({ cost: 0.5 })
  })
})

describe('a foreign agent span', () => {
  test('for the very call that we wrap is part of our node, with what is below it', () => {
    const run = observe(
      () =>
        agent('Researcher', () => inSpan('chat m', { 'gen_ai.operation.name': 'chat' }, () => 1)),
      { name: 'Researcher' },
    )
    run()

    expect(tree(observing.events())).toEqual(['Researcher', 'Researcher', 'null < Researcher'])
    expect(find(observing.events(), 'agent.llm.start').nodeId).toBe(
      find(observing.events(), 'agent.start').nodeId,
    )
    expect(observing.spans()).toHaveLength(3)
  })

  test('of another name is a sub-agent', () => {
    observe(() => agent('Writer', () => 1), { name: 'Researcher' })()

    expect(tree(observing.events())).toEqual(['Researcher', 'Researcher', 'Writer < Researcher'])
  })

  test('is folded once: a second one of that name is a node', () => {
    observe(() => [agent('R', () => 1), agent('R', () => 2)], { name: 'R' })()

    expect(tree(observing.events())).toEqual(['R', 'R', 'R < R'])
  })

  test('is folded also where our wrapper knows only the method’s name', () => {
    const it = { run: () => agent('Researcher', () => 1) }
    observe(it.run)()

    expect(tree(observing.events())).toEqual(['run', 'run'])
  })

  test('without any wrapper of ours is a node', () => {
    agent('Solo', () => agent('Solo', () => 1))

    expect(tree(observing.events())).toEqual(['Solo', 'Solo', 'Solo < Solo'])
  })
})

describe('what is known only at the end', () => {
  test('stands on the end event', () => {
    agent('A', () => {
      const tool = observing.foreign.startSpan('execute_tool x', {
        attributes: { 'gen_ai.operation.name': 'execute_tool' },
      })
      tool.setAttributes({
        'gen_ai.tool.name': 'search',
        'gen_ai.tool.call.id': 'c1',
        'gen_ai.tool.call.arguments': '{"q":"x"}',
        'gen_ai.tool.call.result': '[1,2]',
      })
      tool.end()
      const call = observing.foreign.startSpan('chat', {
        attributes: { 'gen_ai.operation.name': 'chat', 'gen_ai.system': 'old-name' },
      })
      call.setAttributes({
        'gen_ai.response.model': 'm-2',
        'gen_ai.usage.input_tokens': 1,
        'gen_ai.usage.output_tokens': 2,
      })
      call.end()
    })

    const events = observing.events()
    expect(find(events, 'agent.tool.start')).toMatchObject({ toolName: 'x', args: null })
    expect(find(events, 'agent.tool.end')).toMatchObject({
      toolName: 'search',
      toolCallId: 'c1',
      args: { q: 'x' },
      result: [1, 2],
    })
    expect(find(events, 'agent.llm.start')).toMatchObject({ model: null, provider: 'old-name' })
    expect(find(events, 'agent.llm.end')).toMatchObject({
      model: 'm-2',
      tokenUsage: { inputTokens: 1, outputTokens: 2, totalTokens: 3 },
    })
  })

  test('an error comes from the exception, else from error.type and the status', () => {
    agent('A', () => {
      const tool = observing.foreign.startSpan('execute_tool t', {
        attributes: { 'gen_ai.operation.name': 'execute_tool' },
      })
      tool.setStatus({ code: SpanStatusCode.ERROR, message: 'timed out' })
      tool.setAttribute('error.type', 'TimeoutError')
      tool.end()
    })

    expect(find(observing.events(), 'agent.tool.end').error).toEqual({
      type: 'TimeoutError',
      message: 'timed out',
    })
    expect(observing.registry.list()[0]?.summary()).toMatchObject({ errors: 1, status: 'ok' })
  })
})

describe('run ids from other processes', () => {
  function arrive(randomId: string, joinRuns?: JoinRuns): string[] {
    observing.stop()
    observing = startObserving({ ...(joinRuns !== undefined && { joinRuns }) })
    const remote = propagation.extract(ROOT_CONTEXT, {
      traceparent: `00-${'a'.repeat(32)}-${'b'.repeat(16)}-01`,
      baggage: `spancast.run.id=${randomId}`,
    })
    context.with(remote, () => inSpan('POST /tool', {}, () => observe(() => 1, { name: 'Part' })()))
    return observing.registry.list().map((observer) => observer.randomId)
  }

  test('are taken over only if that was asked for', () => {
    expect(arrive('run-from-afar')).toEqual(['a'.repeat(32)])
    expect(arrive('run-from-afar', true)).toEqual(['run-from-afar'])
    expect(arrive('run-from-afar', (id) => id === 'run-from-afar')).toEqual(['run-from-afar'])
    expect(arrive('run-from-afar', () => false)).toEqual(['a'.repeat(32)])
  })

  test('that cannot name a run never are', () => {
    expect(arrive('../../etc/passwd', true)).toEqual(['a'.repeat(32)])
    expect(arrive('short', true)).toEqual(['a'.repeat(32)])
  })

  test('are sent on as baggage, and stand on every span of the run', async () => {
    const carrier: Record<string, string> = {}
    await observeRun({ randomId: 'run-00001' }, () =>
      inSpan('fetch', {}, () => {
        propagation.inject(context.active(), carrier)
        agent('A', () => 1)
      }),
    )

    expect(carrier.baggage).toBe('spancast.run.id=run-00001')
    expect(observing.spans().map(({ attributes }) => attributes['spancast.run.id'])).toEqual([
      'run-00001',
      'run-00001',
      'run-00001',
    ])
  })
})

test('the id of a run that nobody named stands on its spans too', () => {
  agent('A', () => inSpan('fetch', {}, () => 1))

  const spans = observing.spans()
  const traceId = spans[0]?.spanContext().traceId
  expect(spans.map(({ attributes }) => attributes['spancast.run.id'])).toEqual([traceId, traceId])
})

describe('an observer in the context', () => {
  test('wins over the run around it', async () => {
    const own = new ObserverRegistry().create('run-inside')
    await observeRun({ randomId: 'run-outside' }, () =>
      withObservationContext({ randomId: own.randomId, observer: own }, () => {
        observe(() => emit('deep', 1), { name: 'Inner' })()
        emit('flat', 1)
        emitChunk('piece')
      }),
    )

    expect(told(own.getEvents())).toEqual([
      'run.start Inner',
      'agent.start Inner',
      'agent.event deep',
      'agent.end Inner',
      'agent.event flat',
      'agent.chunk piece',
      'run.end ok',
    ])
    expect(told(observing.events('run-outside'))).toEqual(['run.start run', 'run.end ok'])
  })
})

describe('the processor', () => {
  test('exports nothing, and a second one on the same spans does nothing', async () => {
    const registry = new ObserverRegistry()
    const second = new AgentEventProcessor({ registry })
    const first = new AgentEventProcessor({ registry: new ObserverRegistry() })
    const span = observing.foreign.startSpan('invoke_agent A', {
      attributes: { 'gen_ai.operation.name': 'invoke_agent' },
    })

    second.onStart(span, ROOT_CONTEXT)
    second.onEnd(span)
    span.end()

    expect(registry.size).toBe(0)
    expect(told(observing.events())).toHaveLength(4)
    await Promise.all([first.forceFlush(), first.shutdown(), second.shutdown(), second.shutdown()])
  })

  test('that was shut down records no more, and what was open still ends', async () => {
    const registry = new ObserverRegistry()
    const processor = new AgentEventProcessor({ registry })
    observing.stop()
    const { NodeTracerProvider } = await import('@opentelemetry/sdk-trace-node')
    const provider = new NodeTracerProvider({ spanProcessors: [processor] })
    const tracer = provider.getTracer('x')
    const attributes = { 'gen_ai.operation.name': 'invoke_agent' }
    const open = tracer.startSpan('invoke_agent A', { attributes })

    await processor.shutdown()
    tracer.startSpan('invoke_agent B', { attributes }).end()
    open.end()

    expect(told(registry.list()[0]?.getEvents() ?? [])).toEqual([
      'run.start A',
      'agent.start A',
      'agent.end A',
      'run.end ok',
    ])
    expect(registry.size).toBe(1)
  })

  test('survives a span that is none', () => {
    const processor = new AgentEventProcessor({ registry: new ObserverRegistry() })

    processor.onStart({} as Span, ROOT_CONTEXT)
    processor.onEnd(undefined)
    processor.onEnd({})

    void processor.shutdown()
  })
})
