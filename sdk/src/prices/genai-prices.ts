import type { TokenUsage } from '../event/usage.ts'
import { type GenaiPackage, genaiPackage } from './genai-package.ts'
import type { PricedCall, Prices } from './prices.ts'

type Usage = Parameters<GenaiPackage['calcPrice']>[0]

// What the conventions and some libraries call a provider that the price list calls otherwise.
const PROVIDERS: ReadonlyMap<string, string> = new Map([
  ['x_ai', 'x-ai'],
  ['gcp.gen_ai', 'google'],
  ['azure.ai.openai', 'azure'],
  ['az.ai.openai', 'azure'],
  ['azure.ai.inference', 'azure'],
  ['az.ai.inference', 'azure'],
  ['azure-openai', 'azure'],
  ['azure_openai', 'azure'],
  ['togetherai', 'together'],
])
// What stands where a provider should, and is none: the model's own name tells then.
const NO_PROVIDERS: ReadonlySet<string> = new Set([
  'langchain',
  'langgraph',
  'strands-agents',
  'microsoft.agent_framework',
  'custom',
  '_other',
])

/**
 * Prices by the list of `@pydantic/genai-prices`; nothing has a price where that is not installed. Tokens that were
 * read from a cache, written to one, or spent on reasoning have prices of their own where the provider has them.
 */
export const genaiPrices: Prices = (usage, call) => {
  const list = genaiPackage()
  const tokens = list && call.model !== null ? tokensOf(usage) : undefined
  if (list === undefined || tokens === undefined || call.model === null) return null
  const price = list.calcPrice(tokens, call.model, {
    ...providerOf(call),
    timestamp: new Date(call.timestamp),
  })
  if (price === null) return null
  // The list names models whose price it does not know. What is free says so.
  const isKnown = Object.keys(price.model_price).length > 0 || price.model.id.endsWith(':free')
  return isKnown ? price.total_price : null
}

function providerOf({ provider }: PricedCall): { readonly providerId?: string } {
  const name = provider?.toLowerCase()
  if (name === undefined || NO_PROVIDERS.has(name)) return {}
  return { providerId: PROVIDERS.get(name) ?? name }
}

/** `undefined` where only the total is known: input and output differ in price. */
function tokensOf(usage: TokenUsage): Usage | undefined {
  const { inputTokens, outputTokens, totalTokens } = usage
  if (inputTokens + outputTokens === 0 && totalTokens > 0) return undefined
  const { cacheReadTokens = 0, cacheWriteTokens = 0, reasoningTokens = 0 } = usage
  const cached = cacheReadTokens + cacheWriteTokens
  return {
    // They are parts of input and output; where they are more than those, the library counts them beside.
    input_tokens: cached > inputTokens ? inputTokens + cached : inputTokens,
    output_tokens: reasoningTokens > outputTokens ? outputTokens + reasoningTokens : outputTokens,
    cache_read_tokens: cacheReadTokens,
    cache_write_tokens: cacheWriteTokens,
    output_reasoning_tokens: reasoningTokens,
  }
}
