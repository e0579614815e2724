import { SpanStatusCode } from '@opentelemetry/api'
import {
  ABANDONED,
  ERROR_TYPE,
  EXCEPTION_MESSAGE,
  EXCEPTION_STACKTRACE,
  EXCEPTION_TYPE,
  LANGSMITH_KIND,
  RUN_CANCELLED,
} from '../attributes.ts'
import { contentRules } from '../context/content-rules.ts'
import { handoff, NOTHING } from '../context/handoff.ts'
import { mayBeCopiedError } from '../dialect/copied-error.ts'
import type { ErrorInfo } from '../event/agent-event.ts'
import { errorInfo, infoOf, publishError } from '../event/error-info.ts'
import type { SpanClosing } from '../run/span-opening.ts'
import { captured } from './captured.ts'
import { factsOf } from './live-facts.ts'
import { msOf, type OtelSpan, scopeOf } from './otel-span.ts'

/** What the end of a span tells. @param root - Whether its run stands and falls with it. */
export function closingOf(span: OtelSpan, root: boolean): SpanClosing {
  const error = errorOf(span)
  const matched = handoff.spanName !== undefined
  return {
    facts: factsOf(span),
    duration: (matched ? handoff.duration : undefined) ?? msOf(span.duration),
    output: matched ? captured(handoff.output) : undefined,
    error,
    cancelled: root && span.attributes[RUN_CANCELLED] === true,
    abandoned: span.attributes[ABANDONED] === true,
  }
}

function errorOf(span: OtelSpan): ErrorInfo | undefined {
  const isError = span.status.code === SpanStatusCode.ERROR
  const mayHide = !isError && span.attributes[LANGSMITH_KIND] !== undefined
  const isSure = isError && !mayBeCopiedError(span.attributes, scopeOf(span))
  if (!isSure && !((isError || mayHide) && span.events.some(isException))) return undefined
  return publishError(toldError(span), contentRules().live)
}

function isException({ name }: { readonly name: string }): boolean {
  return name === 'exception'
}

function toldError(span: OtelSpan): ErrorInfo {
  if (handoff.spanName !== undefined && handoff.error !== NOTHING) return errorInfo(handoff.error)
  const exception = span.events.findLast(isException)?.attributes
  const type = exception?.[EXCEPTION_TYPE] ?? span.attributes[ERROR_TYPE]
  const message = exception?.[EXCEPTION_MESSAGE] ?? span.status.message
  return infoOf(type, message, exception?.[EXCEPTION_STACKTRACE])
}
