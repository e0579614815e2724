import { context, propagation, type Tracer, trace } from '@opentelemetry/api'
import {
  InMemorySpanExporter,
  NodeTracerProvider,
  type ReadableSpan,
  type Sampler,
  SimpleSpanProcessor,
} from '@opentelemetry/sdk-trace-node'
import { configure } from '../context/content-rules.ts'
import type { AgentEvent } from '../event/agent-event.ts'
import type { RunLimits } from '../observer/limits.ts'
import { ObserverRegistry } from '../observer/observer-registry.ts'
import {
  AgentEventProcessor,
  type AgentEventProcessorOptions,
} from '../processor/agent-event-processor.ts'

export interface ObservingOptions extends Omit<AgentEventProcessorOptions, 'registry'> {
  readonly limits?: Partial<RunLimits>
  readonly sampler?: Sampler
  /** Whether an AgentEventProcessor is there. Default `true`. */
  readonly recording?: boolean
  /** Whether spans are kept for `spans()`. Default `true`. */
  readonly exporting?: boolean
}

/** A provider with a registry of its own, and what both saw. */
export interface Observing {
  readonly registry: ObserverRegistry
  /** A tracer that is none of ours, for spans of other libraries. */
  readonly foreign: Tracer
  /** Exported spans, in the order of their ends. */
  spans(): ReadableSpan[]
  span(name: string): ReadableSpan
  /** Events of a run; without an id, of the newest one. */
  events(randomId?: string): AgentEvent[]
  stop(): void
}

export function startObserving(options: ObservingOptions = {}): Observing {
  const { limits, sampler, recording = true, exporting = true, ...processorOptions } = options
  const registry = new ObserverRegistry(limits)
  const exporter = new InMemorySpanExporter()
  const live = recording ? new AgentEventProcessor({ registry, ...processorOptions }) : undefined
  const provider = new NodeTracerProvider({
    ...(sampler !== undefined && { sampler }),
    spanProcessors: [
      ...(live ? [live] : []),
      ...(exporting ? [new SimpleSpanProcessor(exporter)] : []),
    ],
  })
  unregister()
  provider.register()
  const spans = () => exporter.getFinishedSpans()
  return {
    registry,
    foreign: trace.getTracer('another-library'),
    spans,
    span(name) {
      const found = spans().find((span) => span.name === name)
      if (found === undefined) {
        throw new Error(`no span ${name} among ${spans().map((span) => span.name)}`)
      }
      return found
    },
    events(randomId) {
      const observer = randomId === undefined ? registry.list().at(-1) : registry.get(randomId)
      return observer?.getEvents() ?? []
    },
    stop() {
      void live?.shutdown()
      registry.dispose()
      unregister()
      configure({})
    },
  }
}

function unregister(): void {
  trace.disable()
  context.disable()
  propagation.disable()
}
