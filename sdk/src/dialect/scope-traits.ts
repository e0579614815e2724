import { SCOPE_NAME } from '../version.ts'
import { tellsByName } from './classify.ts'

/** What is known of the spans of an instrumentation scope before any is looked at. */
export interface ScopeTraits {
  /** Whether they are our own. */
  readonly own: boolean
  /** Whether their names may tell what no key does. */
  readonly tellsByName: boolean
  /** Whether they may say only after their start what they are. */
  readonly tellsLater: boolean
  /** Whether its library is known to tell of agents. */
  readonly agentic: boolean
  /** Whether they name their parents by id alone. */
  readonly parentsById: boolean
  /** Keys of its last span that tell nothing; see `keysIn`. */
  readonly passedKeys: string[]
}

// They say all that matters here when a span starts.
const EARLY_SCOPES: ReadonlySet<string> = new Set([SCOPE_NAME, 'ai', 'gen_ai'])
const AGENTIC = /arize|openinference|traceloop|langfuse|langsmith|langchain|mastra|logfire|agent/i
const MAX_SCOPES = 1000

const known = new Map<string, ScopeTraits>()
let lastScope = ''
let lastTraits: ScopeTraits = traitsOf('')

/** The traits of a scope: asked of every span, so mostly answered by looking whether it is the last one again. */
export function scopeTraits(scope: string): ScopeTraits {
  if (scope === lastScope) return lastTraits
  let traits = known.get(scope)
  if (traits === undefined) {
    traits = traitsOf(scope)
    if (known.size < MAX_SCOPES) known.set(scope, traits)
  }
  lastScope = scope
  lastTraits = traits
  return traits
}

function traitsOf(scope: string): ScopeTraits {
  return {
    own: scope === SCOPE_NAME,
    tellsByName: tellsByName(scope),
    tellsLater: !EARLY_SCOPES.has(scope) && !scope.startsWith('@opentelemetry/instrumentation-'),
    agentic: AGENTIC.test(scope),
    parentsById: scope.startsWith('@arizeai/') || scope.startsWith('langfuse'),
    passedKeys: [],
  }
}
