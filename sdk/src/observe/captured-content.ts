import type { Span } from '@opentelemetry/api'
import { contentRules } from '../context/content-rules.ts'
import { capture, publish } from '../event/content.ts'

/** Puts content on a span that is to be exported, by that sink's rules; nothing if the sink gets none. */
export function captureOnSpan(span: Span, key: string, field: string, value: unknown): void {
  const rules = contentRules().spans
  if (rules === undefined || !span.isRecording()) return
  const { value: shown } = publish(capture(value, rules.maxContentBytes), field, rules)
  span.setAttribute(key, typeof shown === 'string' ? shown : JSON.stringify(shown))
}
