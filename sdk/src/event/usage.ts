/** Tokens of one or more model calls. Cached tokens are part of input, reasoning tokens part of output. */
export interface TokenUsage {
  readonly inputTokens: number
  readonly outputTokens: number
  readonly totalTokens: number
  /** Input tokens that were read from a cache. */
  readonly cacheReadTokens?: number
  /** Input tokens that were written to a cache. */
  readonly cacheWriteTokens?: number
  /** Output tokens that were spent on reasoning. */
  readonly reasoningTokens?: number
}

/** What the model calls of a subtree add up to. Calls are counted once, wherever their usage is repeated. */
export interface Totals {
  readonly tokenUsage: TokenUsage
  /** US dollars of what has a price; `null` if nothing has; 0 if there was no call. */
  readonly cost: number | null
  /** Calls without a price. */
  readonly unpricedCalls: number
  /** Calls without usage; they are unpriced too, unless their cost was given. */
  readonly unmeteredCalls: number
}

export const NO_USAGE: TokenUsage = Object.freeze({
  inputTokens: 0,
  outputTokens: 0,
  totalTokens: 0,
})

/** The sum of two usages; an optional part is present if either has it. */
export function addUsage(a: TokenUsage, b: TokenUsage): TokenUsage {
  const cacheRead = sumOf(a.cacheReadTokens, b.cacheReadTokens)
  const cacheWrite = sumOf(a.cacheWriteTokens, b.cacheWriteTokens)
  const reasoning = sumOf(a.reasoningTokens, b.reasoningTokens)
  return {
    inputTokens: a.inputTokens + b.inputTokens,
    outputTokens: a.outputTokens + b.outputTokens,
    totalTokens: a.totalTokens + b.totalTokens,
    ...(cacheRead !== undefined && { cacheReadTokens: cacheRead }),
    ...(cacheWrite !== undefined && { cacheWriteTokens: cacheWrite }),
    ...(reasoning !== undefined && { reasoningTokens: reasoning }),
  }
}

/** The larger number of each kind, of two accounts of the same calls. */
export function largerUsage(a: TokenUsage, b: TokenUsage): TokenUsage {
  const largest = (key: keyof TokenUsage): number => Math.max(a[key] ?? 0, b[key] ?? 0)
  const sum = addUsage(a, b)
  const keys = Object.keys(sum) as (keyof TokenUsage)[]
  // The keys are those of a usage.
  return { ...sum, ...Object.fromEntries(keys.map((key) => [key, largest(key)])) }
}

/**
 * Usage from numbers that may be missing, negative or no numbers at all, as they come from attributes and callers.
 *
 * @returns `undefined` if neither input, output nor total is a usable number.
 */
export function usageFrom(
  parts: { readonly [K in keyof TokenUsage]?: unknown },
): TokenUsage | undefined {
  const input = countOf(parts.inputTokens)
  const output = countOf(parts.outputTokens)
  const total = countOf(parts.totalTokens)
  if (input === undefined && output === undefined && total === undefined) return undefined
  const cacheRead = countOf(parts.cacheReadTokens)
  const cacheWrite = countOf(parts.cacheWriteTokens)
  const reasoning = countOf(parts.reasoningTokens)
  return {
    inputTokens: input ?? 0,
    outputTokens: output ?? 0,
    totalTokens: total ?? (input ?? 0) + (output ?? 0),
    ...(cacheRead !== undefined && { cacheReadTokens: cacheRead }),
    ...(cacheWrite !== undefined && { cacheWriteTokens: cacheWrite }),
    ...(reasoning !== undefined && { reasoningTokens: reasoning }),
  }
}

function sumOf(a: number | undefined, b: number | undefined): number | undefined {
  return a === undefined && b === undefined ? undefined : (a ?? 0) + (b ?? 0)
}

function countOf(value: unknown): number | undefined {
  return typeof value === 'number' && Number.isFinite(value) && value >= 0 ? value : undefined
}
