import type { SpanFacts } from './span-facts.ts'

/**
 * Whether the status of a span may tell of an error that is another's: OpenInference's processor for the AI SDK, which
 * gives these spans its own kind, puts the first error of a trace on all that end later. Their own come with an
 * exception.
 */
export function mayBeCopiedError(a: SpanFacts['attributes'], scope: string): boolean {
  // Version 7 has no key of its own, but a scope.
  return (
    a['openinference.span.kind'] !== undefined &&
    (a['ai.operationId'] !== undefined || scope === 'gen_ai')
  )
}
