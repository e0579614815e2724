import { type Span, SpanStatusCode } from '@opentelemetry/api'
import { ERROR_TYPE } from '../attributes.ts'
import { contentRules } from '../context/content-rules.ts'
import { errorInfo, publishError } from '../event/error-info.ts'

/** Status, exception event and `error.type`, as OpenTelemetry records them, with credentials removed. */
export function recordFailure(span: Span, error: unknown): void {
  const { type, message, stack } = publishError(errorInfo(error), contentRules().spanErrors)
  span.setAttribute(ERROR_TYPE, type)
  span.recordException({ name: type, message, ...(stack !== undefined && { stack }) })
  span.setStatus({ code: SpanStatusCode.ERROR, message })
}
