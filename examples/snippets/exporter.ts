import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http'

/** Stands for the exporter that you have. */
export const exporter: OTLPTraceExporter = new OTLPTraceExporter()
