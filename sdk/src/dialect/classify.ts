import { SCOPE_NAME } from '../version.ts'
import { genai } from './genai.ts'
import { langfuse } from './langfuse.ts'
import { langsmith } from './langsmith.ts'
import { logfire } from './logfire.ts'
import { mastra } from './mastra.ts'
import { mcp } from './mcp.ts'
import { openinference } from './openinference.ts'
import type { Dialect, Recognised, SpanFacts } from './span-facts.ts'
import { traceloop } from './traceloop.ts'
import { vercelAi } from './vercel-ai.ts'

/**
 * In order of precedence: the first that knows a span has it. Those with keys of their own come before the
 * conventions that they add to. A new dialect is one file and one line here.
 */
const DIALECTS: readonly Dialect[] = [
  openinference,
  mastra,
  vercelAi,
  langfuse,
  langsmith,
  logfire,
  traceloop,
  genai,
  mcp,
]

/** For spans whose dialect was not seen at their start: whichever knows their end. */
export const anyDialect: Dialect = {
  keys: DIALECTS.flatMap(({ keys }) => keys),
  scopes: DIALECTS.flatMap(({ scopes = [] }) => scopes),
  recognise: classify,
  conclude: (facts, role) => classify(facts)?.dialect.conclude(facts, role) ?? {},
}

const SCOPES: ReadonlySet<string> = new Set(anyDialect.scopes)
// By the first two letters of a key: almost all keys of other spans are out after one look.
const LETTERS = 128
const PREFIXES: readonly (readonly string[] | undefined)[] = prefixesByLetters(anyDialect.keys)

/** What the span is; `undefined` if no dialect knows it. */
export function classify(facts: SpanFacts): Recognised | undefined {
  if (facts.scope === SCOPE_NAME) return genai.recognise(facts) ?? undefined
  if (!hasKey(facts.attributes) && !SCOPES.has(facts.scope)) return undefined
  for (const dialect of DIALECTS) {
    const is = dialect.recognise(facts)
    if (is !== undefined) return is ?? undefined
  }
  return undefined
}

/** Whether any dialect can know a span with these attributes. Asking each of them costs several times as much. */
function hasKey(attributes: SpanFacts['attributes']): boolean {
  for (const key in attributes) {
    const prefixes = PREFIXES[key.charCodeAt(0) * LETTERS + key.charCodeAt(1)]
    if (prefixes === undefined) continue
    for (const prefix of prefixes) if (key.startsWith(prefix)) return true
  }
  return false
}

function prefixesByLetters(keys: readonly string[]): (readonly string[] | undefined)[] {
  const byLetters = new Array<readonly string[] | undefined>(LETTERS * LETTERS).fill(undefined)
  for (const key of keys) {
    const letters = key.charCodeAt(0) * LETTERS + key.charCodeAt(1)
    byLetters[letters] = [...(byLetters[letters] ?? []), key]
  }
  return byLetters
}
