import type { TokenUsage } from '../event/usage.ts'
import type { SpanFacts } from './span-facts.ts'
import { fieldsOf } from './values.ts'
import { wholeUsage } from './whole-usage.ts'

const DETAILS = 'ai.usage.inputTokenDetails.'

/** The usage of a model call of Vercel's AI SDK. */
export function vercelUsage(a: SpanFacts['attributes']): TokenUsage | undefined {
  const told = fieldsOf(a['ai.response.providerMetadata'])
  // Before version 6 they are the provider's own figures, and details stand among what it says of itself.
  const provider = isDetailed(a) ? undefined : told
  const anthropic = fieldsOf(provider?.anthropic)
  const bedrock = fieldsOf(fieldsOf(provider?.bedrock)?.usage)
  const openai = fieldsOf(provider?.openai) ?? fieldsOf(provider?.azure)
  const parts = {
    inputTokens:
      a['ai.usage.inputTokens'] ?? a['ai.usage.promptTokens'] ?? a['gen_ai.usage.input_tokens'],
    outputTokens:
      a['ai.usage.outputTokens'] ??
      a['ai.usage.completionTokens'] ??
      a['gen_ai.usage.output_tokens'],
    totalTokens: a['ai.usage.totalTokens'],
    cacheReadTokens:
      a['ai.usage.cachedInputTokens'] ??
      a[`${DETAILS}cacheReadTokens`] ??
      anthropic?.cacheReadInputTokens ??
      fieldsOf(anthropic?.usage)?.cache_read_input_tokens ??
      bedrock?.cacheReadInputTokens ??
      openai?.cachedPromptTokens,
    cacheWriteTokens:
      a[`${DETAILS}cacheWriteTokens`] ??
      anthropic?.cacheCreationInputTokens ??
      bedrock?.cacheWriteInputTokens,
    reasoningTokens:
      a['ai.usage.reasoningTokens'] ??
      a['ai.usage.outputTokenDetails.reasoningTokens'] ??
      openai?.reasoningTokens,
  }
  return wholeUsage(parts, anthropic === undefined && bedrock === undefined ? undefined : true)
}

function isDetailed(a: SpanFacts['attributes']): boolean {
  return a[`${DETAILS}noCacheTokens`] !== undefined || a[`${DETAILS}cacheReadTokens`] !== undefined
}
