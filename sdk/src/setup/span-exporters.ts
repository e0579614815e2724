import { validateHeaderValue } from 'node:http'
import { SpancastError } from '../errors.ts'
import { sayOnce } from '../say-once.ts'
import { HurriedExporter } from './hurried-exporter.ts'
import { peers } from './peers.ts'
import { receiverUrl } from './receiver-url.ts'

/** Who gets the spans. */
export interface SpanReceivers {
  readonly otlpUrl: string | undefined
  readonly bridgeUrl: string | undefined
  /** What the bridge asks of senders. */
  readonly bridgeToken: string | undefined
  /** Whether `OTEL_EXPORTER_OTLP_*` name a receiver, for when nothing else does. */
  readonly otelExport: boolean
}

/**
 * One exporter for each receiver.
 *
 * @param hurriedMs - How long one may take in a hurry.
 * @throws SpancastError `invalid-option` for a URL or a token that cannot be one.
 */
export function spanExporters(to: SpanReceivers, hurriedMs: number): HurriedExporter[] {
  const { otlpUrl, bridgeUrl, bridgeToken } = to
  if (bridgeToken !== undefined) assertToken(bridgeToken)
  const token = bridgeToken === undefined ? {} : { authorization: `Bearer ${bridgeToken}` }
  const configs = new Map<string, ExporterConfig>()
  if (otlpUrl !== undefined) {
    const url = receiverUrl(otlpUrl, 'v1/traces', 'otlpUrl').href
    configs.set(url, { url })
  }
  if (bridgeUrl !== undefined) {
    const url = receiverUrl(bridgeUrl, 'v1/traces', 'bridgeUrl').href
    // A bridge that is named as both gets each span once.
    configs.set(url, { url, headers: token })
  }
  if (configs.size === 0 && to.otelExport) configs.set('', {})
  if (configs.size === 0) {
    sayOnce(
      'SPANCAST_NOT_EXPORTING',
      'Spans are not exported: runs can be watched live, but no trace is kept. Set otlpUrl or OTEL_EXPORTER_OTLP_ENDPOINT, such as http://localhost:4318 for a local Jaeger.',
    )
  }
  return [...configs.values()].map((config) => exporterFor(config, hurriedMs))
}

interface ExporterConfig {
  readonly url?: string
  readonly headers?: Record<string, string>
}

function exporterFor(config: ExporterConfig, hurriedMs: number): HurriedExporter {
  const { OTLPTraceExporter } = peers.exporter()
  return new HurriedExporter(
    new OTLPTraceExporter(config),
    new OTLPTraceExporter({ ...config, timeoutMillis: hurriedMs }),
  )
}

function assertToken(token: string): void {
  try {
    validateHeaderValue('authorization', token)
  } catch {
    throw new SpancastError(
      'invalid-option',
      'Expected `bridgeToken` to be text that an HTTP header can carry, got characters such as line breaks in it.',
    )
  }
}
