import { RUN_ID } from '../attributes.ts'
import { SCOPE_NAME } from '../version.ts'
import { adk } from './adk.ts'
import { agentFramework } from './agent-framework.ts'
import { claudeCode } from './claude-code.ts'
import { genai } from './genai.ts'
import { genkit } from './genkit.ts'
import { haystack } from './haystack.ts'
import { langfuse } from './langfuse.ts'
import { langsmith } from './langsmith.ts'
import { logfire } from './logfire.ts'
import { mastra } from './mastra.ts'
import { mcp } from './mcp.ts'
import { mlflow } from './mlflow.ts'
import { openaiAgents } from './openai-agents.ts'
import { openinference } from './openinference.ts'
import { pydanticAi } from './pydantic-ai.ts'
import type { Dialect, Recognised, SpanFacts } from './span-facts.ts'
import { traceloop } from './traceloop.ts'
import { traceloopLangchain } from './traceloop-langchain.ts'
import { vercelAi } from './vercel-ai.ts'
import { voltagent } from './voltagent.ts'
import { warily } from './warily.ts'

/**
 * In order of precedence: the first that knows a span has it. Those with keys of their own come before the
 * conventions that they add to. A new dialect is one file and one line here.
 */
const DIALECTS: readonly Dialect[] = [
  // OpenInference's processor for the AI SDK gives its spans a second telling when they end.
  vercelAi,
  openinference,
  mastra,
  langfuse,
  mlflow,
  haystack,
  langsmith,
  pydanticAi,
  logfire,
  traceloopLangchain,
  traceloop,
  genkit,
  adk,
  voltagent,
  claudeCode,
  agentFramework,
  openaiAgents,
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
// A bit for each letter that a key may begin with, and for each pair of letters a byte in a table that stays in the
// nearest cache: almost all keys of other spans are out after one look or two.
const LETTERS: number = anyDialect.keys.reduce((bits, key) => bits | (1 << key.charCodeAt(0)), 0)
const PAIRS: Uint8Array = pairsOf(anyDialect.keys)
// More than any library gives a span when it starts.
const MAX_PASSED = 32

/** What the span is; `undefined` if no dialect knows it. */
export function classify(facts: SpanFacts): Recognised | undefined {
  if (facts.scope === SCOPE_NAME) return genai.recognise(facts) ?? undefined
  if (!hasAgentKey(facts.attributes) && !tellsByName(facts.scope)) return undefined
  return warily(facts, recognised)
}

function recognised(facts: SpanFacts): Recognised | undefined {
  for (const dialect of DIALECTS) {
    const is = dialect.recognise(facts)
    if (is !== undefined) return is ?? undefined
  }
  return undefined
}

/** Whether spans of this scope may be known without any key that tells of agents. */
export function tellsByName(scope: string): boolean {
  return SCOPES.has(scope)
}

/** Whether a span that is nothing by itself is the working part of the one right above it. */
export function isPart(facts: SpanFacts): boolean {
  return DIALECTS.some((dialect) => dialect.isPart?.(facts) === true)
}

/** Whether any dialect can know a span with these attributes. Asking each of them costs several times as much. */
export function hasAgentKey(attributes: SpanFacts['attributes']): boolean {
  for (const key in attributes) if (tellsOfAgents(key)) return true
  return false
}

/**
 * What keys are among the attributes: one that a dialect may know, others, or none.
 *
 * @param passed - The keys of the span before that no dialect knows, in their order. Spans of one library mostly have
 *   the same ones, so that there is nothing to look up. Brought up to date.
 */
export function keysIn(
  attributes: SpanFacts['attributes'],
  passed: string[],
): 'agent' | 'other' | 'none' {
  let at = 0
  for (const key in attributes) {
    // To read beyond the end of an array takes longer.
    if (at >= passed.length || passed[at] !== key) {
      if (tellsOfAgents(key)) return 'agent'
      if (at < MAX_PASSED) passed[at] = key
    }
    at++
  }
  return at === 0 ? 'none' : 'other'
}

function tellsOfAgents(key: string): boolean {
  // Shifts count modulo 32, which tells all lower-case letters apart.
  if (((LETTERS >>> key.charCodeAt(0)) & 1) === 0 || PAIRS[pairOf(key)] === 0) return false
  // The run's id stands on whatever is in a run.
  return key !== RUN_ID && isAgentKey(key)
}

function isAgentKey(key: string): boolean {
  for (const prefix of anyDialect.keys) if (key.startsWith(prefix)) return true
  return false
}

function pairsOf(keys: readonly string[]): Uint8Array {
  const pairs = new Uint8Array(1024)
  for (const key of keys) pairs[pairOf(key)] = 1
  return pairs
}

/** A number below 1024, another one for each pair of lower-case letters that a key begins with. */
function pairOf(key: string): number {
  return ((key.charCodeAt(0) & 31) << 5) | (key.charCodeAt(1) & 31)
}
