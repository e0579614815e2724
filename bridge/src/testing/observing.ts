import { NodeTracerProvider } from '@opentelemetry/sdk-trace-node'
import { AgentEventProcessor } from '@spancast/sdk'

/** Gives this process a provider, so that what is invoked is observed. Its runs are in the shared registry. */
export function observing(): void {
  new NodeTracerProvider({ spanProcessors: [new AgentEventProcessor()] }).register()
}
