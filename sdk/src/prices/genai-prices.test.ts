import { calcPrice } from '@pydantic/genai-prices'
import fc from 'fast-check'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { usageFrom } from '../event/usage.ts'
import { recordCost, recordUsage } from '../observe/emit.ts'
import { observe } from '../observe/observe.ts'
import { type Observing, type ObservingOptions, startObserving } from '../testing/observing.ts'
import { find } from '../testing/telling.ts'
import { genaiPrices } from './genai-prices.ts'

let observing: Observing | undefined

afterEach(() => {
  observing?.stop()
  observing = undefined
  vi.restoreAllMocks()
})

const NOW = Date.UTC(2026, 10, 20)

function price(
  model: string | null,
  provider: string | undefined,
  tokens: Parameters<typeof usageFrom>[0],
): number | null | undefined {
  const usage = usageFrom(tokens)
  if (usage === undefined) throw new Error('no usage')
  return genaiPrices(usage, { model, provider, timestamp: NOW })
}

const MILLION = 1e6

describe('a model call', () => {
  test('costs what its input and output tokens cost', () => {
    const tokens = { inputTokens: 1000, outputTokens: 100 }

    expect(price('gpt-4o', 'openai', tokens)).toBeCloseTo((1000 * 2.5 + 100 * 10) / MILLION, 12)
  })

  test('pays for tokens read from a cache, written to one, and spent on reasoning what those cost', () => {
    const cached = { inputTokens: 1000, cacheReadTokens: 400, outputTokens: 100 }
    expect(price('gpt-4o', 'openai', cached)).toBeCloseTo(
      (600 * 2.5 + 400 * 1.25 + 100 * 10) / MILLION,
      12,
    )

    const written = { ...cached, cacheReadTokens: 200, cacheWriteTokens: 300 }
    expect(price('claude-sonnet-4-20250514', 'anthropic', written)).toBeCloseTo(
      (500 * 3 + 200 * 0.3 + 300 * 3.75 + 100 * 15) / MILLION,
      12,
    )

    const thought = { inputTokens: 1000, outputTokens: 500, reasoningTokens: 400 }
    expect(price('sonar-deep-research', 'perplexity', thought)).toBeCloseTo(
      (1000 * 2 + 100 * 8 + 400 * 3) / MILLION,
      12,
    )
    expect(price('gpt-4o', 'openai', thought)).toBeCloseTo((1000 * 2.5 + 500 * 10) / MILLION, 12)
  })

  test('pays for parts that its library counts beside the whole', () => {
    const beside = { inputTokens: 10, cacheReadTokens: 400, outputTokens: 100 }

    expect(price('gpt-4o', 'openai', beside)).toBeCloseTo(
      (10 * 2.5 + 400 * 1.25 + 100 * 10) / MILLION,
      12,
    )
  })

  test.each([
    ['x_ai', 'grok-4-0709', 'x-ai'],
    ['azure.ai.openai', 'gpt-4o', 'azure'],
    ['aws.bedrock', 'us.anthropic.claude-sonnet-4-5-20250929-v1:0', 'aws'],
    ['gcp.vertex_ai', 'gemini-2.5-pro', 'google'],
    ['gcp.gen_ai', 'gemini-2.5-pro', 'google'],
    ['mistral_ai', 'mistral-large-latest', 'mistral'],
    ['OpenAI', 'gpt-4o-2024-08-06', 'openai'],
    [undefined, 'claude-sonnet-4-5', 'anthropic'],
    ['Langchain', 'gpt-4o', 'openai'],
  ])('of provider %s and model %s is looked up at %s', (provider, model, providerId) => {
    const tokens = { input_tokens: 1000, output_tokens: 100 }
    const known = calcPrice(tokens, model, { providerId, timestamp: new Date(NOW) })

    expect(known?.total_price).toBeGreaterThan(0)
    expect(price(model, provider, { inputTokens: 1000, outputTokens: 100 })).toBe(
      known?.total_price,
    )
  })

  test.each([
    ['no model', null, 'openai', { inputTokens: 1 }],
    ['a model that nobody knows', 'mock-model-1', undefined, { inputTokens: 1 }],
    ['a model of a provider that nobody knows', 'gpt-4o', 'my-cluster', { inputTokens: 1 }],
    ['a model without a known price', 'qwen-3-coder-480b', 'cerebras', { inputTokens: 1 }],
    ['the total alone', 'gpt-4o', 'openai', { totalTokens: 100 }],
  ])('has no price with %s', (_, model, provider, tokens) => {
    expect(price(model, provider, tokens)).toBeNull()
  })

  test('costs nothing where the model is free', () => {
    expect(price('phi-4-reasoning:free', 'azure', { inputTokens: 100, outputTokens: 1 })).toBe(0)
  })

  test('never throws, and what has a price costs what the list says of its tokens', () => {
    const count = fc.oneof(fc.nat(5000), fc.constant(undefined), fc.double({ min: 0, max: 1e9 }))
    const tokens = fc.record({
      inputTokens: count,
      outputTokens: count,
      cacheReadTokens: count,
      cacheWriteTokens: count,
      reasoningTokens: count,
    })
    const models = fc.constantFrom('gpt-4o', 'claude-sonnet-4-5', 'gemini-2.5-pro', 'x', '', '/')
    fc.assert(
      fc.property(tokens, models, fc.option(fc.string(), { nil: undefined }), (t, m, provider) => {
        const usage = usageFrom(t)
        if (usage === undefined) return
        const cost = genaiPrices(usage, { model: m, provider, timestamp: NOW }) ?? 0
        expect(cost >= 0 && Number.isFinite(cost)).toBe(true)
      }),
    )
  })
})

describe('in a run', () => {
  function costOf(options: ObservingOptions, call: () => void): number | null {
    observing = startObserving(options)
    observe(call, {
      name: 'gpt-4o',
      kind: 'llm',
      attributes: { 'gen_ai.provider.name': 'openai' },
    })()
    return find(observing.events(), 'agent.llm.end').cost
  }
  const used = () => recordUsage({ inputTokens: 1000, outputTokens: 100 })
  const listed = (1000 * 2.5 + 100 * 10) / MILLION

  test('the list is asked where nothing else is given', () => {
    expect(costOf({}, used)).toBeCloseTo(listed, 12)
    expect(find(observing?.events() ?? [], 'run.end')).toMatchObject({ unpricedCalls: 0 })
  })

  test('a function wins over the list, but where it knows no price', () => {
    expect(costOf({ prices: () => 7 }, used)).toBe(7)
    expect(costOf({ prices: () => null }, used)).toBeCloseTo(listed, 12)
  })

  test('a cost that the span carries wins over both', () => {
    const carried = () => {
      used()
      recordCost(0.25)
    }

    expect(costOf({ prices: () => 7 }, carried)).toBe(0.25)
  })

  test('nothing has a price with `prices: false`', () => {
    expect(costOf({ prices: false }, used)).toBeNull()
    expect(find(observing?.events() ?? [], 'run.end')).toMatchObject({
      cost: null,
      unpricedCalls: 1,
    })
  })

  test('something else than a function or false is refused', () => {
    const wrong = { prices: { 'gpt-4o': 1 } } as unknown as ObservingOptions

    expect(() => startObserving(wrong)).toThrow(/`prices` to be a function .*, got object/)
  })
})

test('without the package calls have no price, and nothing is said', async () => {
  const warned = vi.spyOn(process, 'emitWarning').mockImplementation(() => {})
  vi.spyOn(process, 'getBuiltinModule').mockReturnValue({
    createRequire: () => () => {
      throw Object.assign(new Error('not found'), { code: 'MODULE_NOT_FOUND' })
    },
  })
  vi.resetModules()
  const without = await import('./genai-prices.ts')
  const usage = { inputTokens: 1, outputTokens: 1, totalTokens: 2 }

  expect(
    without.genaiPrices(usage, { model: 'gpt-4o', provider: 'openai', timestamp: NOW }),
  ).toBeNull()
  expect(warned).not.toHaveBeenCalled()
  const { PriceUpdates } = await import('./price-updates.ts')
  expect(() => new PriceUpdates()).toThrow(/npm install @pydantic\/genai-prices/)
})
