import { type Attributes, type Context, type Link, type SpanKind, trace } from '@opentelemetry/api'
import { observationOf } from '../context/observation-context.ts'
import { linkOf } from '../context/span-link.ts'
import { classify } from '../dialect/classify.ts'
import { SpanRecord } from '../run/span-record.ts'

/** `SamplingDecision.NOT_RECORD` and `RECORD` of the SDK packages, which number them alike in 1.x, 2.x and 3.x. */
const NOT_RECORD = 0
const RECORD = 1

/** A sampler as all lines of OpenTelemetry JS declare it. */
export interface SamplerLike<Result extends { readonly decision: number }> {
  shouldSample(
    context: Context,
    traceId: string,
    spanName: string,
    spanKind: SpanKind,
    attributes: Attributes,
    links: Link[],
  ): Result
  toString(): string
}

/**
 * Wraps a sampler so that spans of runs are recorded for the live view when it drops them. They are not exported:
 * exporters send only what is sampled. Spans outside any run are left to the sampler.
 */
export function liveSampler<Result extends { readonly decision: number }>(
  sampler: SamplerLike<Result>,
): SamplerLike<Result> {
  return {
    shouldSample(context, traceId, spanName, spanKind, attributes, links) {
      const result = sampler.shouldSample(context, traceId, spanName, spanKind, attributes, links)
      if (result.decision !== NOT_RECORD) return result
      return belongsToRun(context, spanName, attributes) ? { ...result, decision: RECORD } : result
    },
    toString: () => `LiveSampler{${sampler.toString()}}`,
  }
}

function belongsToRun(context: Context, name: string, attributes: Attributes): boolean {
  return (
    observationOf(context) !== undefined ||
    linkOf(trace.getSpan(context)) instanceof SpanRecord ||
    classify({ name, scope: '', attributes }) !== undefined
  )
}
