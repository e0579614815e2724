/** Runs the scripted agent with its spans, or its live events too, sent to a bridge; prints the events that it gave. */
import { context, trace } from '@opentelemetry/api'
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks'
import { OTLPTraceExporter as JsonExporter } from '@opentelemetry/exporter-trace-otlp-http'
import { OTLPTraceExporter as ProtobufExporter } from '@opentelemetry/exporter-trace-otlp-proto'
import { CompressionAlgorithm } from '@opentelemetry/otlp-exporter-base'
import { BasicTracerProvider, BatchSpanProcessor } from '@opentelemetry/sdk-trace-base'
import { AgentEventProcessor, configure, ObserverRegistry } from '@spancast/sdk'
import { LiveLink } from '../../sdk/src/live-link/live-link.ts'
import { runScriptedAgent } from '../otel-lines/scripted-agent.ts'

const [url = '', encoding = 'json', compression = 'none', way = 'spans'] = process.argv.slice(2)
configure({ capture: { spans: true } })
const registry = new ObserverRegistry()
const link = way === 'link' ? new LiveLink({ registry, url: new URL('/v1/logs', url) }) : undefined
const Exporter = encoding === 'json' ? JsonExporter : ProtobufExporter
const exporter = new Exporter({
  url: `${url}/v1/traces`,
  compression: compression === 'gzip' ? CompressionAlgorithm.GZIP : CompressionAlgorithm.NONE,
})
const provider = new BasicTracerProvider({
  spanProcessors: [new AgentEventProcessor({ registry }), new BatchSpanProcessor(exporter)],
})
trace.setGlobalTracerProvider(provider)
context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable())

await runScriptedAgent(registry)

await link?.close()
await provider.shutdown()
process.stdout.write(JSON.stringify(registry.list().map((run) => run.getEvents())))
