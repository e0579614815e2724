import { expect, test } from 'vitest'
import { vercelUsage } from './vercel-usage.ts'
import { wholeUsage } from './whole-usage.ts'

const WHOLE = {
  inputTokens: 120,
  outputTokens: 30,
  totalTokens: 150,
  cacheReadTokens: 64,
  cacheWriteTokens: 16,
}
const APART = { ...WHOLE, inputTokens: 40, totalTokens: 70 }

test('cached tokens are a part of the input, also where they were told beside it', () => {
  expect(wholeUsage(WHOLE)).toEqual(WHOLE)
  expect(wholeUsage(APART, true)).toEqual(WHOLE)
  expect(wholeUsage(APART)).toEqual(WHOLE)
  expect(wholeUsage({ ...APART, totalTokens: 150 }, true)).toEqual(WHOLE)
})

test('reasoning is a part of the output, also where the total holds it besides', () => {
  const told = { inputTokens: 120, outputTokens: 18, totalTokens: 150, reasoningTokens: 12 }

  expect(wholeUsage(told)?.outputTokens).toBe(30)
  expect(wholeUsage({ ...told, outputTokens: 30 })?.outputTokens).toBe(30)
  expect(wholeUsage({ ...told, outputTokens: 30, totalTokens: 160 })?.outputTokens).toBe(30)
})

test('no usage is none', () => {
  expect(wholeUsage({ cacheReadTokens: 64 }, true)).toBeUndefined()
})

test('the AI SDK before version 6 has details among what the provider says', () => {
  const openai = vercelUsage({
    'ai.usage.promptTokens': 120,
    'ai.usage.completionTokens': 30,
    'ai.response.providerMetadata': '{"openai":{"reasoningTokens":12,"cachedPromptTokens":64}}',
  })
  const anthropic = vercelUsage({
    'ai.usage.promptTokens': 100,
    'ai.usage.completionTokens': 30,
    'ai.response.providerMetadata':
      '{"anthropic":{"cacheCreationInputTokens":16,"cacheReadInputTokens":64}}',
  })
  const bedrock = vercelUsage({
    'ai.usage.inputTokens': 100,
    'ai.usage.outputTokens': 30,
    'ai.response.providerMetadata':
      '{"bedrock":{"usage":{"cacheReadInputTokens":64,"cacheWriteInputTokens":16}}}',
  })

  expect(openai).toMatchObject({ inputTokens: 120, cacheReadTokens: 64, reasoningTokens: 12 })
  expect(anthropic).toMatchObject({ inputTokens: 180, totalTokens: 210, cacheWriteTokens: 16 })
  expect(bedrock).toMatchObject({ inputTokens: 180, cacheReadTokens: 64, cacheWriteTokens: 16 })
})

test('since version 6 the input holds them', () => {
  const usage = vercelUsage({
    'ai.usage.inputTokens': 120,
    'ai.usage.outputTokens': 30,
    'ai.usage.totalTokens': 150,
    'ai.usage.inputTokenDetails.noCacheTokens': 40,
    'ai.usage.inputTokenDetails.cacheReadTokens': 64,
    'ai.usage.inputTokenDetails.cacheWriteTokens': 16,
    'ai.response.providerMetadata': '{"anthropic":{"cacheCreationInputTokens":16}}',
  })

  expect(usage).toEqual(WHOLE)
})
