import {
  type AgentEvent,
  EventStreamer,
  emitAgentEnd,
  emitAgentError,
  emitAgentStart,
  emitAgentToolEnd,
  emitAgentToolStart,
  emitChunk,
  getObservationContext,
  type ObservationContext,
  observeRun,
  withObservationContext,
} from '@spancast/sdk'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { type Observing, startObserving } from '../sdk/src/testing/observing.ts'

let observing: Observing
beforeEach(() => {
  observing = startObserving()
})
afterEach(() => observing.stop())

describe('the design with an observer for each workflow', () => {
  async function tool(q: { q: string }): Promise<string[]> {
    return [`hit for ${q.q}`]
  }

  /** A node as that design has it: emitters around what it does. */
  async function invokeNode(nodeId: string, nodeName: string, fail = false): Promise<string[]> {
    emitAgentStart(nodeId, nodeName)
    const began = Date.now()
    try {
      const args = { q: 'otel' }
      emitAgentToolStart(nodeId, 'web_search', args)
      const result = await tool(args)
      emitAgentToolEnd(nodeId, 'web_search', 1500, result)
      if (fail) throw new Error('pipeline broke')
      emitAgentEnd(nodeId, 2000, 0.002, { inputTokens: 7, outputTokens: 3 })
      return result
    } catch (error) {
      emitAgentError(nodeId, error)
      throw error
    } finally {
      expect(Date.now()).toBeGreaterThanOrEqual(began)
    }
  }

  function invokeWorkflow<T>(fn: () => Promise<T>): {
    done: Promise<T>
    context: ObservationContext
  } {
    const observer = observing.registry.create()
    const context: ObservationContext = { randomId: observer.randomId, observer }
    return { done: withObservationContext(context, fn), context }
  }

  test('a subscriber sees the node’s lines as they happen, and again by getEvents(since)', async () => {
    const live: AgentEvent[] = []
    const { done, context } = invokeWorkflow(async () => {
      getObservationContext()?.observer.subscribe((event) => live.push(event))
      return {
        ...(await invokeNode('abc', 'Researcher')),
        randomId: getObservationContext()?.randomId,
      }
    })

    expect(await done).toMatchObject({ randomId: context.randomId })
    const lines = live.map((event) => JSON.parse(JSON.stringify(event)))
    expect(lines).toMatchObject([
      { type: 'run.start' },
      { type: 'agent.start', nodeId: 'abc', nodeName: 'Researcher', timestamp: expect.any(Number) },
      {
        type: 'agent.tool.start',
        nodeId: 'abc',
        toolName: 'web_search',
        args: { q: 'otel' },
        timestamp: expect.any(Number),
      },
      {
        type: 'agent.tool.end',
        nodeId: 'abc',
        toolName: 'web_search',
        duration: 1500,
        result: ['hit for otel'],
        timestamp: expect.any(Number),
      },
      {
        type: 'agent.end',
        nodeId: 'abc',
        nodeName: 'Researcher',
        duration: 2000,
        cost: 0.002,
        tokenUsage: { inputTokens: 7, outputTokens: 3, totalTokens: 10 },
        timestamp: expect.any(Number),
      },
      { type: 'run.end', status: 'ok', cost: 0.002 },
    ])
    expect(context.observer.getEvents()).toEqual(live)
    expect(context.observer.getEvents(4).map(({ type }) => type)).toEqual(['agent.end', 'run.end'])
    expect(observing.registry.get(context.randomId)).toBe(context.observer)
  })

  test('a node that fails ends with agent.error, and its workflow with the error', async () => {
    const { done, context } = invokeWorkflow(() => invokeNode('abc', 'Researcher', true))

    await expect(done).rejects.toThrow('pipeline broke')

    const [failed, end] = context.observer.getEvents().slice(-2)
    expect(failed).toMatchObject({
      type: 'agent.error',
      nodeId: 'abc',
      error: { type: 'Error', message: 'pipeline broke' },
    })
    expect(end).toMatchObject({ type: 'run.end', status: 'error' })
  })

  test('two workflows at once are isolated from each other', async () => {
    const one = invokeWorkflow(() => invokeNode('n', 'One'))
    const two = invokeWorkflow(() => invokeNode('n', 'Two'))
    await Promise.all([one.done, two.done])

    const names = ({ context }: typeof one) =>
      context.observer.getEvents().flatMap((event) => ('nodeName' in event ? [event.nodeName] : []))
    expect(names(one)).toEqual(['One', 'One'])
    expect(names(two)).toEqual(['Two', 'Two'])
  })

  test('the same node runs outside any workflow, unobserved', async () => {
    expect(await invokeNode('abc', 'Researcher')).toEqual(['hit for otel'])
    expect(observing.registry.size).toBe(0)
  })
})

describe('the design with one event streamer for all', () => {
  /** A node as that design has it: one exec, whoever listens. */
  class DecisionNode {
    readonly namespace: string

    constructor(namespace: string) {
      this.namespace = namespace
    }

    async exec(request: string): Promise<string> {
      EventStreamer.getInstance().emit(this.namespace, {
        type: 'progress',
        content: { status: 'making_decision' },
      })
      const result = { action: `answer ${request}`, tool_requests: ['a', 'b'] }
      EventStreamer.getInstance().emit(this.namespace, {
        type: 'decision_made',
        content: { decision: result.action, tool_requests: result.tool_requests?.length },
      })
      let answer = ''
      for (const chunk of ['It ', 'works']) {
        answer += chunk
        EventStreamer.getInstance().emit(this.namespace, { type: 'chunk', content: chunk })
        await Promise.resolve()
      }
      EventStreamer.getInstance().emit(this.namespace, { type: 'final', content: answer })
      return answer
    }
  }

  const LINES = [
    'progress {"status":"making_decision"}',
    'decision_made {"decision":"answer q","tool_requests":2}',
    'chunk "It "',
    'chunk "works"',
    'final "It works"',
  ]

  function flow(): Promise<string[]> {
    return Promise.all([
      new DecisionNode('sales_agent').exec('q'),
      new DecisionNode('stock_agent').exec('q'),
    ])
  }

  test.each([
    ['outside a run', flow],
    ['inside one', async () => (await observeRun({ name: 'flow' }, flow)).result],
  ])('two namespaces at once, each heard by its own consumer, %s', async (_, run) => {
    const streamer = EventStreamer.getInstance()
    const heard: Record<string, string[]> = { sales_agent: [], stock_agent: [] }
    const stops = Object.entries(heard).map(([namespace, lines]) =>
      streamer.subscribe(namespace, (event) => {
        lines.push(`${event.type} ${JSON.stringify(event.content)}`)
      }),
    )

    expect(await run()).toEqual(['It works', 'It works'])

    for (const stop of stops) stop()
    expect(heard).toEqual({ sales_agent: LINES, stock_agent: LINES })
  })

  test('with nobody listening the result is the same', async () => {
    expect(await flow()).toEqual(['It works', 'It works'])
    expect((await observeRun({}, flow)).result).toEqual(['It works', 'It works'])
  })

  test('inside a run its stream has them too, beside the streamed answer', async () => {
    const { randomId } = await observeRun({ name: 'flow', namespace: 'sales_agent' }, async () => {
      await new DecisionNode('sales_agent').exec('q')
      emitChunk('It works')
    })

    const lines = observing
      .events(randomId)
      .flatMap((event) =>
        event.type === 'agent.event' ? [`${event.name} ${JSON.stringify(event.content)}`] : [],
      )
    expect(lines).toEqual(LINES)
    expect(observing.events(randomId).map(({ namespace }) => namespace)).toEqual(
      Array.from({ length: 8 }, () => 'sales_agent'),
    )
  })
})
