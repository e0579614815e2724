import { type TokenUsage, usageFrom } from '../event/usage.ts'

/**
 * Usage whose input holds what was read from caches and written to them.
 *
 * @param apart - Whether they were told beside the input, as Anthropic's API does. Default: if they are more than it,
 * which tells as much.
 */
export function wholeUsage(
  parts: { readonly [K in keyof TokenUsage]?: unknown },
  apart?: boolean,
): TokenUsage | undefined {
  const usage = usageFrom(parts)
  if (usage === undefined) return undefined
  const {
    inputTokens,
    outputTokens,
    totalTokens,
    cacheReadTokens = 0,
    cacheWriteTokens = 0,
  } = usage
  const cached = cacheReadTokens + cacheWriteTokens
  if (!(apart ?? cached > inputTokens)) return usage
  const isSum = totalTokens === inputTokens + outputTokens
  return {
    ...usage,
    inputTokens: inputTokens + cached,
    totalTokens: isSum ? totalTokens + cached : totalTokens,
  }
}
