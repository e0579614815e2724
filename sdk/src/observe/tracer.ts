import { type Tracer, type TracerProvider, trace } from '@opentelemetry/api'
import { SCOPE_NAME, SCOPE_VERSION } from '../version.ts'

/** The API's stand-in for a provider that may come later. */
interface ProxyProvider extends TracerProvider {
  getDelegateTracer?(name: string, version?: string): Tracer | undefined
}

let provider: TracerProvider | undefined
let tracer: Tracer | undefined

/**
 * The tracer for our spans; `undefined` while no provider is registered. Asked at every call, because a provider
 * may be registered, or taken away, at any time; what is found is kept as long as it holds.
 */
export function currentTracer(): Tracer | undefined {
  const now: ProxyProvider = trace.getTracerProvider()
  if (now === provider && tracer !== undefined) return tracer
  provider = now
  tracer =
    now.getDelegateTracer === undefined
      ? now.getTracer(SCOPE_NAME, SCOPE_VERSION)
      : now.getDelegateTracer(SCOPE_NAME, SCOPE_VERSION)
  return tracer
}
