import type { Attributes, HrTime, Span, SpanStatus } from '@opentelemetry/api'

/**
 * The span as OpenTelemetry JS 1.x, 2.x and 3.x hand it to processors, as far as it is read here. Declared by shape:
 * the SDK packages differ, and none of them is a dependency.
 */
export interface OtelSpan extends Span {
  readonly name: string
  readonly attributes: Readonly<Record<string, unknown>>
  readonly startTime: HrTime
  readonly duration: HrTime
  readonly status: SpanStatus
  readonly events: readonly { readonly name: string; readonly attributes?: Attributes }[]
  /** 2.x and later. */
  readonly instrumentationScope?: { readonly name: string }
  readonly parentSpanContext?: object
  /** 1.x. */
  readonly instrumentationLibrary?: { readonly name: string }
  readonly parentSpanId?: string
}

/** Milliseconds that a `[seconds, nanoseconds]` pair says, fractional. */
export function msOf(time: HrTime): number {
  return time[0] * 1000 + time[1] / 1e6
}

/** Whether it has no parent, in this process or another. */
export function isRoot(span: OtelSpan): boolean {
  return span.parentSpanContext === undefined && span.parentSpanId === undefined
}

export function scopeOf(span: OtelSpan): string {
  return (span.instrumentationScope ?? span.instrumentationLibrary)?.name ?? ''
}
