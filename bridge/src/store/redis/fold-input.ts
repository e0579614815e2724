import type { SpanCollector } from '@spancast/sdk/internal'
import { inputIn, othersOf } from './inputs.ts'

/** Folds what a log holds of one request. One that cannot be folded does not stop those that follow. */
export function foldInput(collector: SpanCollector, text: string): void {
  try {
    const input = inputIn(text)
    if (input.spans.length + input.ids.length > 0) collector.collect(input.spans, othersOf(input))
    for (const record of input.links) collector.link(record)
  } catch (error) {
    foldFailed(error)
  }
}

/** Tells the operator. */
export function foldFailed(error: unknown): void {
  process.emitWarning('What has come for a run could not be folded.', {
    type: 'SpancastWarning',
    code: 'SPANCAST_FOLD_FAILED',
    detail: error instanceof Error ? (error.stack ?? error.message) : String(error),
  })
}
