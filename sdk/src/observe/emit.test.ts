import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { configure } from '../context/content-rules.ts'
import { withObservationContext } from '../context/observation-context.ts'
import { type Observing, startObserving } from '../testing/observing.ts'
import { find, told } from '../testing/telling.ts'
import { emit, emitChunk, emitProgress, recordCost, recordUsage } from './emit.ts'
import { observe } from './observe.ts'
import { observeRun } from './observe-run.ts'

let observing: Observing
beforeEach(() => {
  observing = startObserving()
})
afterEach(() => {
  vi.useRealTimers()
  observing.stop()
})

describe('emit', () => {
  test('is an event of the active span, on the stream at once and on the span', async () => {
    await observeRun({}, () =>
      observe(
        () => {
          emit('decision_made', { action: 'buy' })
          expect(told(observing.events()).at(-1)).toBe('agent.event decision_made')
          emitProgress('half')
        },
        { name: 'Decider' },
      )(),
    )

    const events = observing.events()
    const node = find(events, 'agent.start')
    expect(find(events, 'agent.event', 'decision_made')).toMatchObject({
      content: { action: 'buy' },
      spanId: node.spanId,
      nodeId: node.nodeId,
      namespace: 'Decider',
    })
    expect(find(events, 'agent.event', 'progress').content).toBe('half')
    expect(observing.span('invoke_agent Decider').events).toMatchObject([
      { name: 'decision_made', attributes: {} },
      { name: 'progress', attributes: {} },
    ])
  })

  test('puts its content on the span where spans carry content', async () => {
    configure({ capture: { spans: true } })

    await observeRun({}, () => emit('note', { password: 'p', n: 1 }))

    expect(observing.span('invoke_workflow run').events[0]?.attributes).toEqual({
      'spancast.event.content': '{"password":"[redacted]","n":1}',
    })
  })

  test('takes a snapshot, of anything', async () => {
    const content = { list: [1] }
    await observeRun({}, () => {
      emit('a', content)
      content.list.push(2)
      emit('b')
      emit('c', undefined)
      emit('d', 5n)
    })

    const contents = observing
      .events()
      .flatMap((event) => ('content' in event ? [event.content] : []))
    expect(contents).toEqual([{ list: [1] }, null, null, '5n'])
  })

  test('outside any run does nothing, whatever it is given', () => {
    emit('x', 1)
    emitProgress(1)
    emitChunk('x')
    recordUsage({ inputTokens: 1 })
    recordCost(1)

    expect(observing.registry.size).toBe(0)
  })

  test('in a span of another library reaches the run around it', async () => {
    await observeRun({}, () =>
      observing.foreign.startActiveSpan('db', (span) => {
        emit('inside', 1)
        span.end()
      }),
    )

    expect(told(observing.events())).toContain('agent.event inside')
    expect(observing.span('db').events[0]?.name).toBe('inside')
  })

  test('under a server’s span, in an observation context, reaches its observer', () => {
    const observer = observing.registry.create('run-00001')
    observing.foreign.startActiveSpan('POST /ask', (span) => {
      withObservationContext({ randomId: 'run-00001', observer }, () => {
        emit('direct', 1)
        emitChunk('piece')
        observing.foreign.startActiveSpan('db', (inner) => {
          emit('in a span', 1)
          inner.end()
        })
      })
      span.end()
    })

    expect(told(observer.getEvents())).toEqual([
      'run.start run',
      'agent.event direct',
      'agent.chunk piece',
      'agent.event in a span',
      'run.end ok',
    ])
  })

  test('never throws', async () => {
    const hostile = {
      get name(): string {
        throw new Error('getter')
      },
    }
    await observeRun({}, () => {
      expect(() => emit('x', hostile)).not.toThrow()
      expect(() => emit(undefined as never, 1)).not.toThrow()
      expect(() => emitChunk(hostile)).not.toThrow()
      expect(() => recordUsage(null as never)).not.toThrow()
    })
  })
})

describe('emitChunk', () => {
  test('counts per span, joins text that comes quickly, and ends before the span does', async () => {
    await observeRun({}, () => {
      observe(
        () => {
          emitChunk('The ')
          emitChunk('answer ')
          emitChunk('is ')
          emitChunk({ n: 42 })
          emitChunk('thinking', 'reasoning')
          emitChunk('.')
        },
        { name: 'Writer' },
      )()
      emitChunk('other span')
    })

    const events = observing.events()
    expect(told(events)).toEqual([
      'run.start run',
      'agent.start Writer',
      'agent.chunk The ',
      'agent.chunk answer is ',
      'agent.chunk {"n":42}',
      'agent.chunk thinking',
      'agent.chunk .',
      'agent.end Writer',
      'agent.chunk other span',
      'run.end ok',
    ])
    expect(events.flatMap((event) => (event.type === 'agent.chunk' ? [event.index] : []))).toEqual([
      0, 1, 2, 3, 4, 0,
    ])
    expect(events.flatMap((event) => (event.type === 'agent.chunk' ? [event.kind] : []))).toEqual([
      'text',
      'text',
      'data',
      'reasoning',
      'text',
      'text',
    ])
  })

  test('does not overtake an event of its span, nor is it overtaken', async () => {
    await observeRun({}, () => {
      emitChunk('a')
      emitChunk('b')
      emit('note', 1)
      emitChunk('c')
    })

    expect(told(observing.events())).toEqual([
      'run.start run',
      'agent.chunk a',
      'agent.chunk b',
      'agent.event note',
      'agent.chunk c',
      'run.end ok',
    ])
  })

  test('a 1,500-chunk answer does not push the tree out', async () => {
    await observeRun({ name: 'Team' }, () => {
      observe(() => 1, { name: 'Planner' })()
      observe(
        () => {
          for (let at = 0; at < 1500; at++) emitChunk({ at })
        },
        { name: 'Writer' },
      )()
    })

    const events = observing.events()
    expect(told(events.filter(({ type }) => type !== 'agent.chunk'))).toEqual([
      'run.start Team',
      'agent.start Planner',
      'agent.end Planner',
      'agent.start Writer',
      'agent.end Writer',
      'run.end ok',
    ])
    expect(events.filter(({ type }) => type === 'agent.chunk')).toHaveLength(1000)
  })

  test('after the span has ended is no more', async () => {
    const chunks: (() => void)[] = []
    await observeRun({}, async () => {
      const { context } = await import('@opentelemetry/api')
      observe(() => void chunks.push(context.bind(context.active(), () => emitChunk('late'))))()
      for (const chunk of chunks) chunk()
    })

    expect(told(observing.events()).join()).not.toContain('late')
  })
})

describe('recordUsage', () => {
  test('is on the span by the names of the conventions, and on the call’s end', async () => {
    await observeRun({}, () =>
      observe(
        () => {
          recordUsage(
            {
              inputTokens: 10,
              outputTokens: 5,
              cacheReadTokens: 4,
              cacheWriteTokens: 3,
              reasoningTokens: 2,
            },
            { model: 'gpt-2026', provider: 'acme' },
          )
          recordCost(0.25)
        },
        { name: 'gpt', kind: 'llm' },
      )(),
    )

    expect(observing.span('chat gpt').attributes).toMatchObject({
      'gen_ai.usage.input_tokens': 10,
      'gen_ai.usage.output_tokens': 5,
      'gen_ai.usage.cache_read.input_tokens': 4,
      'gen_ai.usage.cache_write.input_tokens': 3,
      'gen_ai.usage.reasoning.output_tokens': 2,
      'gen_ai.response.model': 'gpt-2026',
      'gen_ai.provider.name': 'acme',
      'spancast.cost.usd': 0.25,
    })
    expect(find(observing.events(), 'agent.llm.end')).toMatchObject({
      provider: 'acme',
      cost: 0.25,
      tokenUsage: { inputTokens: 10, totalTokens: 15, cacheReadTokens: 4, reasoningTokens: 2 },
    })
  })
})
