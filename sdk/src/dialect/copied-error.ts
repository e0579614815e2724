import type { SpanFacts } from './span-facts.ts'

/**
 * Whether the status of a span may tell of an error that is another's: OpenInference's processor for the AI SDK, which
 * gives these spans its own kind, puts the first error of a trace on all that end later. Their own come with an
 * exception.
 */
export function mayBeCopiedError(a: SpanFacts['attributes']): boolean {
  return a['openinference.span.kind'] !== undefined && a['ai.operationId'] !== undefined
}
