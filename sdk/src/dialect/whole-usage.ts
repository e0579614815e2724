import { type TokenUsage, usageFrom } from '../event/usage.ts'

/**
 * Usage whose input holds what was read from caches and written to them, and whose output holds the reasoning.
 *
 * @param apart - Whether cached tokens were told beside the input, as Anthropic's API does. Default: if they are more
 * than it, which tells as much. Reasoning was told beside the output, as Google's API does, where the total says so.
 */
export function wholeUsage(
  parts: { readonly [K in keyof TokenUsage]?: unknown },
  apart?: boolean,
): TokenUsage | undefined {
  const usage = usageFrom(parts)
  if (usage === undefined) return undefined
  const { cacheReadTokens = 0, cacheWriteTokens = 0, reasoningTokens = 0 } = usage
  const cached = cacheReadTokens + cacheWriteTokens
  const isApart = apart ?? cached > usage.inputTokens
  const isSum = usage.totalTokens === usage.inputTokens + usage.outputTokens
  const inputTokens = usage.inputTokens + (isApart ? cached : 0)
  const totalTokens = usage.totalTokens + (isApart && isSum ? cached : 0)
  const isBeside = totalTokens === inputTokens + usage.outputTokens + reasoningTokens
  const outputTokens = usage.outputTokens + (isBeside ? reasoningTokens : 0)
  return { ...usage, inputTokens, outputTokens, totalTokens }
}
