import {
  type CollectedSpan,
  contentRules,
  ERROR_TYPE,
  EXCEPTION_MESSAGE,
  EXCEPTION_STACKTRACE,
  EXCEPTION_TYPE,
  infoOf,
  LANGSMITH_KIND,
  mayBeCopiedError,
  publishError,
} from '@spancast/sdk/internal'
import type { SpanDetail } from './otlp-span.ts'

const ERROR = 2

/** What went wrong in a span, as live readers may see it: its last exception, else what its status says. */
export function errorOf({ status, events, attributes, scope }: SpanDetail): CollectedSpan['error'] {
  const isError = status.code === ERROR
  if (!isError && attributes[LANGSMITH_KIND] === undefined) return undefined
  const exception = events.findLast(({ name }) => name === 'exception')?.attributes
  const isSure = isError && !mayBeCopiedError(attributes, scope)
  if (!isSure && exception === undefined) return undefined
  const info = infoOf(
    exception?.[EXCEPTION_TYPE] ?? attributes[ERROR_TYPE],
    exception?.[EXCEPTION_MESSAGE] ?? status.message,
    exception?.[EXCEPTION_STACKTRACE],
  )
  return publishError(info, contentRules().live)
}
