import type { Sampler } from '@opentelemetry/sdk-trace-node'
import { peers } from './peers.ts'

/** The sampler that `OTEL_TRACES_SAMPLER` and `OTEL_TRACES_SAMPLER_ARG` name; by default parent-based, always on. */
export function samplerFromEnv(env: Readonly<Record<string, string | undefined>>): Sampler {
  const { AlwaysOffSampler, AlwaysOnSampler, ParentBasedSampler, TraceIdRatioBasedSampler } =
    peers.traceNode()
  const name = env.OTEL_TRACES_SAMPLER ?? ''
  const root = name.startsWith('parentbased_') ? name.slice('parentbased_'.length) : name
  const sampler =
    root === 'always_off'
      ? new AlwaysOffSampler()
      : root === 'traceidratio'
        ? new TraceIdRatioBasedSampler(ratioOf(env.OTEL_TRACES_SAMPLER_ARG))
        : new AlwaysOnSampler()
  return name === 'always_on' || name === 'always_off' || name === 'traceidratio'
    ? sampler
    : new ParentBasedSampler({ root: sampler })
}

/** The specification wants an invalid ratio to count as 1. */
function ratioOf(text: string | undefined): number {
  const ratio = Number(text)
  return text !== undefined && text !== '' && ratio >= 0 && ratio <= 1 ? ratio : 1
}
