import { type TokenUsage, usageFrom } from '../event/usage.ts'
import { fieldsOf, numberOf } from './values.ts'

/** What a part of a call's tokens were, where that stands apart from how many there were. */
export interface UsageDetails {
  readonly cacheReadTokens: number | undefined
  readonly cacheWriteTokens: number | undefined
  readonly reasoningTokens: number | undefined
}

/** The details in what the API of OpenAI, or of Anthropic, has answered. */
export function detailsOfAnswer(usage: unknown): UsageDetails {
  const raw = fieldsOf(usage)
  const input = fieldsOf(raw?.input_tokens_details) ?? fieldsOf(raw?.prompt_tokens_details)
  const output = fieldsOf(raw?.output_tokens_details) ?? fieldsOf(raw?.completion_tokens_details)
  return {
    cacheReadTokens: numberOf(input?.cached_tokens ?? raw?.cache_read_input_tokens),
    cacheWriteTokens: numberOf(input?.cache_write_tokens ?? raw?.cache_creation_input_tokens),
    reasoningTokens: numberOf(output?.reasoning_tokens),
  }
}

/** Usage with details that it does not have itself. */
export function withDetails(
  usage: TokenUsage | undefined,
  details: UsageDetails,
): TokenUsage | undefined {
  return usage && usageFrom({ ...details, ...usage })
}

/** The cost that a call carries. Some take nothing for the price of a call whose usage they do not know. */
export function carriedCost(value: unknown, usage: TokenUsage | undefined): number | undefined {
  const cost = numberOf(value)
  return cost === 0 && usage === undefined ? undefined : cost
}
