import { type Context, trace } from '@opentelemetry/api'
import type { SpanFacts } from '../dialect/span-facts.ts'
import { type OtelSpan, scopeOf } from './otel-span.ts'

// One object for all spans: dialects are pure and keep nothing, and this is asked of every span.
const shared = {
  name: '',
  scope: '',
  attributes: {} as Readonly<Record<string, unknown>>,
  parentContext: undefined as Context | undefined,
  get root(): boolean | undefined {
    return this.parentContext && trace.getSpan(this.parentContext) === undefined
  },
}

/**
 * What the span says of itself now. Good until this is called again.
 *
 * @param parentContext - What the span was started in; `undefined` when that does not matter any more.
 */
export function factsOf(span: OtelSpan, parentContext: Context | undefined): SpanFacts {
  shared.name = span.name
  shared.scope = scopeOf(span)
  shared.attributes = span.attributes
  shared.parentContext = parentContext
  return shared
}
