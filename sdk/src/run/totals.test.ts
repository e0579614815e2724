import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { Totals } from '../event/usage.ts'
import { recordCost, recordUsage } from '../observe/emit.ts'
import { observe } from '../observe/observe.ts'
import { observeRun } from '../observe/observe-run.ts'
import type { Prices } from '../prices/prices.ts'
import { type Observing, type ObservingOptions, startObserving } from '../testing/observing.ts'
import { find } from '../testing/telling.ts'

let observing: Observing
beforeEach(() => {
  observing = startObserving()
})
afterEach(() => observing.stop())

function observeWith(options: ObservingOptions): void {
  observing.stop()
  observing = startObserving(options)
}

function model(input?: number, output?: number, usd?: number): void {
  observe(
    () => {
      if (input !== undefined) recordUsage({ inputTokens: input, outputTokens: output ?? 0 })
      if (usd !== undefined) recordCost(usd)
    },
    { name: 'gpt', kind: 'llm' },
  )()
}

/** A model call of another library. */
function foreignModel(attributes: Record<string, string | number>): void {
  observing.foreign
    .startSpan('chat m', { attributes: { 'gen_ai.operation.name': 'chat', ...attributes } })
    .end()
}

async function totalsOf(fn: () => unknown): Promise<Totals> {
  const { randomId } = await observeRun({}, fn)
  const { tokenUsage, cost, unpricedCalls, unmeteredCalls } = find(
    observing.events(randomId),
    'run.end',
  )
  return { tokenUsage, cost, unpricedCalls, unmeteredCalls }
}

describe('totals', () => {
  test('sum the model calls below each node, each once', async () => {
    const researcher = observe(() => model(10, 5, 0.1), { name: 'Researcher' })
    const writer = observe(() => [model(1, 2, 0.25), model(3, 4, 0.5)], { name: 'Writer' })
    const team = observe(() => [researcher(), writer(), model(100, 0, 1)], { name: 'Team' })

    expect(await totalsOf(() => team())).toEqual({
      tokenUsage: { inputTokens: 114, outputTokens: 11, totalTokens: 125 },
      cost: 1.85,
      unpricedCalls: 0,
      unmeteredCalls: 0,
    })
    const events = observing.events()
    expect(find(events, 'agent.end', 'Researcher')).toMatchObject({
      tokenUsage: { totalTokens: 15 },
      cost: 0.1,
    })
    expect(find(events, 'agent.end', 'Writer')).toMatchObject({
      tokenUsage: { totalTokens: 10 },
      cost: 0.75,
    })
    expect(find(events, 'agent.end', 'Team')).toMatchObject({ tokenUsage: { totalTokens: 125 } })
    expect(observing.registry.list()[0]?.summary()).toMatchObject({ cost: 1.85 })
  })

  test('do not count usage that an agent span repeats of its children', async () => {
    const { tokenUsage } = await totalsOf(() => {
      const span = observing.foreign.startSpan('invoke_agent A', {
        attributes: { 'gen_ai.operation.name': 'invoke_agent', 'gen_ai.usage.input_tokens': 10 },
      })
      foreignModel({ 'gen_ai.usage.input_tokens': 10 })
      span.end()
    })

    expect(tokenUsage.inputTokens).toBe(10)
  })

  test('count usage or cost that was recorded on a node as one call of it', async () => {
    const agent = observe(
      () => {
        recordUsage({ inputTokens: 1, outputTokens: 1 })
        recordUsage({ inputTokens: 2, outputTokens: 2 })
        recordCost(0.5)
        model(10, 0, 1)
      },
      { name: 'A' },
    )

    expect(await totalsOf(() => agent())).toEqual({
      tokenUsage: { inputTokens: 13, outputTokens: 3, totalTokens: 16 },
      cost: 1.5,
      unpricedCalls: 0,
      unmeteredCalls: 0,
    })
    expect(find(observing.events(), 'agent.end')).toMatchObject({ cost: 1.5 })
    // An exported span says the same as the live view.
    expect(observing.span('invoke_agent A').attributes).toMatchObject({
      'gen_ai.usage.input_tokens': 3,
      'gen_ai.usage.output_tokens': 3,
      'spancast.cost.usd': 0.5,
    })
  })

  test('count it for the run too, where the run’s own function records it, and on a tool', async () => {
    const tool = observe(() => recordCost(2), { name: 'paid_api', kind: 'tool' })

    expect(
      await totalsOf(() => {
        recordUsage({ inputTokens: 4, outputTokens: 0 })
        tool()
      }),
    ).toEqual({
      tokenUsage: { inputTokens: 4, outputTokens: 0, totalTokens: 4 },
      cost: 2,
      unpricedCalls: 1,
      unmeteredCalls: 1,
    })
  })

  test('are zero where no call was, and of unknown cost where nothing has a price', async () => {
    expect(await totalsOf(() => 1)).toMatchObject({ cost: 0, unpricedCalls: 0, unmeteredCalls: 0 })
    expect(await totalsOf(() => model(1, 1))).toMatchObject({
      cost: null,
      unpricedCalls: 1,
      unmeteredCalls: 0,
    })
  })

  test('sum what has a price, and count what has none', async () => {
    expect(await totalsOf(() => [model(1, 1, 0.5), model(1, 1), model(), model(1, 1, 0)])).toEqual({
      tokenUsage: { inputTokens: 3, outputTokens: 3, totalTokens: 6 },
      cost: 0.5,
      unpricedCalls: 2,
      unmeteredCalls: 1,
    })
  })

  test('carry cached and reasoning tokens, as parts of input and output', async () => {
    const { tokenUsage } = await totalsOf(() => {
      foreignModel({
        'gen_ai.usage.input_tokens': 10,
        'gen_ai.usage.output_tokens': 5,
        'gen_ai.usage.cache_read.input_tokens': 4,
        'gen_ai.usage.reasoning.output_tokens': 2,
      })
      foreignModel({ 'gen_ai.usage.input_tokens': 1, 'gen_ai.usage.cache_read.input_tokens': 1 })
    })

    expect(tokenUsage).toEqual({
      inputTokens: 11,
      outputTokens: 5,
      totalTokens: 16,
      cacheReadTokens: 5,
      reasoningTokens: 2,
    })
  })

  test('what is no number is not recorded', async () => {
    const wrong = [Number.NaN, Number.POSITIVE_INFINITY, '3', null] as unknown as number[]

    expect(
      await totalsOf(() => {
        for (const value of wrong) {
          recordCost(value)
          recordUsage({ inputTokens: value })
        }
        recordUsage(undefined as never)
      }),
    ).toMatchObject({ cost: 0, unpricedCalls: 0 })
  })
})

describe('prices', () => {
  const prices: Prices = (usage, { model }) =>
    model === 'gpt' ? usage.inputTokens * 0.01 + usage.outputTokens * 0.1 : null

  test('are asked once a call, with its usage, model, provider and time', async () => {
    const asked: unknown[] = []
    observeWith({
      prices: (usage, call) => {
        asked.push([usage.totalTokens, call])
        return 0.5
      },
    })

    await totalsOf(() => {
      foreignModel({
        'gen_ai.request.model': 'm',
        'gen_ai.provider.name': 'acme',
        'gen_ai.usage.input_tokens': 3,
      })
      foreignModel({})
    })

    const { timestamp } = find(observing.events(), 'agent.llm.start')
    expect(asked).toEqual([[3, { model: 'm', provider: 'acme', timestamp }]])
    expect(find(observing.events(), 'agent.llm.end').cost).toBe(0.5)
  })

  test('price what they know; a cost that the span carries wins', async () => {
    observeWith({ prices })

    expect(
      await totalsOf(() => {
        model(100, 10)
        model(100, 10, 7)
        foreignModel({ 'gen_ai.request.model': 'unheard', 'gen_ai.usage.input_tokens': 1 })
      }),
    ).toMatchObject({ cost: 9, unpricedCalls: 1 })
  })

  test.each([
    [
      'throw',
      () => {
        throw new Error('no list today')
      },
    ],
    ['give no number', () => 'free' as unknown as number],
    ['give NaN', () => Number.NaN],
    ['give nothing', () => undefined],
  ])('that %s leave the cost unknown', async (_, broken) => {
    observeWith({ prices: broken })

    expect(await totalsOf(() => model(1, 1))).toMatchObject({ cost: null, unpricedCalls: 1 })
  })
})
