import type { TokenUsage } from '../event/usage.ts'
import { conversationField } from './conversation.ts'
import type { Dialect, Findings, Recognised, SpanRole } from './span-facts.ts'
import { contentIn, fieldsOf, textOf } from './values.ts'
import { wholeUsage } from './whole-usage.ts'

// https://genkit.dev/docs/observability/getting-started
const TYPE = 'genkit:type'
const SUBTYPE = 'genkit:metadata:subtype'
const NAME = 'genkit:name'
const INPUT = 'genkit:input'
const OUTPUT = 'genkit:output'
const METADATA = 'genkit:metadata:'

const ROLES: ReadonlyMap<unknown, SpanRole> = new Map<unknown, SpanRole>([
  ['flow', 'workflow'],
  ['agent', 'agent'],
  ['session-flow', 'agent'],
  ['model', 'llm'],
  ['background-model', 'llm'],
  ['tool', 'tool'],
  ['tool.v2', 'tool'],
])

// What its plugins call the provider of their models, where that is not the provider's own name.
const PROVIDERS: Readonly<Record<string, string>> = { googleai: 'google', vertexai: 'google' }

/** Genkit: its flows, their steps, and the models and tools that those call. */
export const genkit: Dialect = {
  keys: ['genkit:'],

  recognise(facts): Recognised | null | undefined {
    const a = facts.attributes
    const type = a[TYPE]
    if (type === undefined) return undefined
    const role = type === 'flowStep' ? 'step' : ROLES.get(a[SUBTYPE])
    // What remains, `generate` for one, is the loop around models and tools.
    if (role === undefined) return null
    const name = textOf(a[NAME]) ?? facts.name
    const isCall = role === 'llm'
    return {
      dialect: genkit,
      role,
      name: isCall ? modelOf(name) : name,
      provider: isCall ? providerOf(name) : undefined,
      input: contentIn(isCall ? (fieldsOf(a[INPUT])?.messages ?? a[INPUT]) : a[INPUT]),
    }
  },

  conversation: (a) => conversationField(a, METADATA),

  conclude({ attributes: a }, role): Findings {
    if (role !== 'llm') return { output: contentIn(a[OUTPUT]) }
    const answer = fieldsOf(a[OUTPUT])
    return { output: answer?.message ?? contentIn(a[OUTPUT]), usage: usageOf(answer?.usage) }
  },
}

/** `googleai/gemini-2.5-flash` is Google's `gemini-2.5-flash`. */
function modelOf(name: string): string {
  return name.slice(name.indexOf('/') + 1)
}

function providerOf(name: string): string | undefined {
  const at = name.indexOf('/')
  if (at <= 0) return undefined
  const plugin = name.slice(0, at)
  return PROVIDERS[plugin] ?? plugin
}

function usageOf(value: unknown): TokenUsage | undefined {
  const usage = fieldsOf(value)
  if (usage === undefined) return undefined
  return wholeUsage({
    inputTokens: usage.inputTokens,
    outputTokens: usage.outputTokens,
    totalTokens: usage.totalTokens,
    cacheReadTokens: usage.cachedContentTokens,
    reasoningTokens: usage.thoughtsTokens,
  })
}
