import { SpancastError } from '../errors.ts'
import { DEFAULT_LINK_LIMITS, type LinkLimits } from '../live-link/link-limits.ts'
import { DEFAULT_RUN_LIMITS, type RunLimits } from '../observer/limits.ts'
import type { RunBy } from '../run/conversation.ts'

/** What `start` takes from environment variables. Options win over it. */
export interface Environment {
  readonly disabled: boolean
  readonly serviceName: string | undefined
  /** Base URL that `SPANCAST_OTLP_URL` gives. */
  readonly otlpUrl: string | undefined
  /** Base URL that `SPANCAST_BRIDGE_URL` gives. */
  readonly bridgeUrl: string | undefined
  /** What `SPANCAST_INGEST_TOKEN` gives. */
  readonly bridgeToken: string | undefined
  /** Whether `OTEL_EXPORTER_OTLP_*` names a receiver, and `OTEL_TRACES_EXPORTER` does not forbid it. */
  readonly otelExport: boolean
  readonly captureLive: boolean | undefined
  readonly captureSpans: boolean | undefined
  readonly maxContentBytes: number | undefined
  readonly joinRuns: boolean | undefined
  readonly runBy: RunBy | undefined
  readonly liveSpanEvents: boolean | undefined
  readonly priceUpdateMs: number | undefined
  readonly priceDataUrl: string | undefined
  readonly limits: Partial<RunLimits & LinkLimits>
}

type Variables = Readonly<Record<string, string | undefined>>

/**
 * Reads `SPANCAST_*`, and of `OTEL_*` what concerns us.
 *
 * @throws SpancastError `invalid-option` that names a variable whose value is not as expected.
 */
export function readEnvironment(env: Variables): Environment {
  const content = contentCapture(env.OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT)
  return {
    disabled: env.OTEL_SDK_DISABLED?.toLowerCase() === 'true',
    serviceName: textIn(env, 'SPANCAST_SERVICE_NAME') ?? textIn(env, 'OTEL_SERVICE_NAME'),
    otlpUrl: textIn(env, 'SPANCAST_OTLP_URL'),
    bridgeUrl: textIn(env, 'SPANCAST_BRIDGE_URL'),
    bridgeToken: textIn(env, 'SPANCAST_INGEST_TOKEN'),
    otelExport:
      env.OTEL_TRACES_EXPORTER !== 'none' &&
      (textIn(env, 'OTEL_EXPORTER_OTLP_ENDPOINT') ??
        textIn(env, 'OTEL_EXPORTER_OTLP_TRACES_ENDPOINT')) !== undefined,
    captureLive: booleanIn(env, 'SPANCAST_CAPTURE_LIVE') ?? content.live,
    captureSpans: booleanIn(env, 'SPANCAST_CAPTURE_SPANS') ?? content.spans,
    maxContentBytes: numberIn(env, 'SPANCAST_MAX_CONTENT_BYTES'),
    joinRuns: booleanIn(env, 'SPANCAST_JOIN_RUNS'),
    runBy: runByIn(env),
    liveSpanEvents: booleanIn(env, 'SPANCAST_LIVE_SPAN_EVENTS'),
    priceUpdateMs: numberIn(env, 'SPANCAST_PRICE_UPDATE_MS'),
    priceDataUrl: textIn(env, 'SPANCAST_PRICE_DATA_URL'),
    limits: limitsIn(env),
  }
}

/**
 * What the GenAI conventions' variable says. Their events are what our live stream is, so `NO_CONTENT`, said
 * explicitly, keeps content off both.
 */
function contentCapture(value: string | undefined): { live?: boolean; spans?: boolean } {
  if (value === undefined || value === '') return {}
  switch (value.toUpperCase()) {
    case 'NO_CONTENT':
    case 'FALSE':
      return { live: false, spans: false }
    case 'SPAN_ONLY':
    case 'SPAN_AND_EVENT':
    case 'TRUE':
      return { live: true, spans: true }
    case 'EVENT_ONLY':
      return { live: true, spans: false }
    default:
      throw new SpancastError(
        'invalid-option',
        `Expected OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT to be NO_CONTENT, SPAN_ONLY, EVENT_ONLY or SPAN_AND_EVENT, got ${value}.`,
      )
  }
}

function limitsIn(env: Variables): Partial<RunLimits & LinkLimits> {
  const limits: Record<string, number> = {}
  for (const name of Object.keys({ ...DEFAULT_RUN_LIMITS, ...DEFAULT_LINK_LIMITS })) {
    const value = numberIn(env, `SPANCAST_${name.replace(/[A-Z]/g, '_$&').toUpperCase()}`)
    if (value !== undefined) limits[name] = value
  }
  return limits
}

function runByIn(env: Variables): RunBy | undefined {
  const text = textIn(env, 'SPANCAST_RUN_BY')
  if (text === undefined || text === 'trace' || text === 'conversation') return text
  throw new SpancastError(
    'invalid-option',
    `Expected SPANCAST_RUN_BY to be trace or conversation, got ${text}.`,
  )
}

function textIn(env: Variables, name: string): string | undefined {
  const value = env[name]
  return value === '' ? undefined : value
}

function numberIn(env: Variables, name: string): number | undefined {
  const text = textIn(env, name)
  if (text === undefined) return undefined
  if (!/^\d+$/.test(text)) {
    throw new SpancastError('invalid-option', `Expected ${name} to be a whole number, got ${text}.`)
  }
  return Number(text)
}

function booleanIn(env: Variables, name: string): boolean | undefined {
  const text = textIn(env, name)?.toLowerCase()
  if (text === undefined) return undefined
  if (text === 'true' || text === '1') return true
  if (text === 'false' || text === '0') return false
  throw new SpancastError('invalid-option', `Expected ${name} to be true or false, got ${text}.`)
}
