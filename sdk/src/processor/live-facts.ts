import type { SpanFacts } from '../dialect/span-facts.ts'
import { isRoot, type OtelSpan, scopeOf } from './otel-span.ts'

// One object for all spans: dialects are pure and keep nothing, and this is asked of every span.
const shared = {
  name: '',
  scope: '',
  attributes: {} as Readonly<Record<string, unknown>>,
  span: undefined as OtelSpan | undefined,
  get root(): boolean | undefined {
    return this.span && isRoot(this.span)
  },
  get events(): OtelSpan['events'] | undefined {
    return this.span?.events
  },
}

/** What the span says of itself now. Good until this is called again. */
export function factsOf(span: OtelSpan): SpanFacts {
  shared.name = span.name
  shared.scope = scopeOf(span)
  shared.attributes = span.attributes
  shared.span = span
  return shared
}
