import {
  BatchSpanProcessor,
  NodeTracerProvider,
  ParentBasedSampler,
  TraceIdRatioBasedSampler,
} from '@opentelemetry/sdk-trace-node'
import { createBridge } from '@spancast/bridge'
import { AgentEventProcessor, liveSampler } from '@spancast/sdk'
import { exporter } from './exporter.ts' // yours

const provider = new NodeTracerProvider({
  sampler: liveSampler(new ParentBasedSampler({ root: new TraceIdRatioBasedSampler(0.1) })),
  spanProcessors: [new AgentEventProcessor(), new BatchSpanProcessor(exporter)],
})
provider.register()
await createBridge().listen()
