import type { Request, RequestHandler, Response } from 'express'
import { BridgeError } from '../errors.ts'
import type { Forwarder, OfferResult } from '../forward/forwarder.ts'
import { type RequestBody, readBody } from '../otlp/body.ts'
import { BodyRefused } from '../otlp/body-refused.ts'
import type { ByteBudget } from '../otlp/byte-budget.ts'
import {
  type EncodedResponse,
  encodePartialSuccess,
  encodeStatus,
  encodeSuccess,
  type OtlpSignal,
} from '../otlp/encode-status.ts'
import type { Ingest } from '../otlp/ingest.ts'
import { MalformedBody } from '../otlp/malformed-body.ts'
import { encodingOf, type OtlpEncoding } from '../otlp/otlp-encoding.ts'

export interface OtlpDeps {
  readonly ingest: Ingest
  /** Where traces are passed on to; `undefined` if nowhere. */
  readonly forwarder: Forwarder | undefined
  readonly budget: ByteBudget
  /** Names this bridge: a sender that sees another name sends its running runs again. */
  instanceId(): string | undefined
  readonly limits: { readonly maxOtlpBytes: number; readonly bodyTimeoutMs: number }
  closing(): boolean
}

/** The response header that names the bridge's instance. */
const INSTANCE_HEADER = 'Spancast-Instance'
// A sender of OpenTelemetry JS gives up at once when it is told to wait longer than its own ten seconds.
const RETRY_AFTER_SECONDS = 1

/** Takes spans: they become events of their runs, and the request itself is passed on. */
export function tracesRoute(deps: OtlpDeps): RequestHandler {
  return otlpRoute(deps, 'traces', async (req, body, encoding) => {
    const rejected = await deps.ingest.traces(body.inflated, encoding)
    await passOn(deps.forwarder, req, body)
    return rejected === 0
      ? encodeSuccess(encoding)
      : encodePartialSuccess(encoding, 'traces', rejected, 'Spans without valid ids were left out.')
  })
}

/** Takes the records of live links; other log records are counted and not kept. */
export function logsRoute(deps: OtlpDeps): RequestHandler {
  return otlpRoute(deps, 'logs', async (_, body, encoding) => {
    await deps.ingest.logs(body.inflated, encoding)
    return encodeSuccess(encoding)
  })
}

/** Takes metrics, so that an exporter of all signals may point here; they are counted and not kept. */
export function metricsIntakeRoute(deps: OtlpDeps): RequestHandler {
  return otlpRoute(deps, 'metrics', async (_, __, encoding) => {
    deps.ingest.counts.metricRequests++
    return encodeSuccess(encoding)
  })
}

type Take = (req: Request, body: RequestBody, encoding: OtlpEncoding) => Promise<EncodedResponse>

function otlpRoute(deps: OtlpDeps, signal: OtlpSignal, take: Take): RequestHandler {
  const { instanceId, budget, limits } = deps
  return async (req, res, next) => {
    const instance = instanceId()
    if (instance !== undefined) res.setHeader(INSTANCE_HEADER, instance)
    const encoding = encodingOf(req.headers['content-type'])
    if (encoding === undefined) {
      next(new BridgeError('unsupported-media-type', wrongType(signal)))
      return
    }
    if (deps.closing()) {
      next(new BridgeError('closing', 'The bridge is closing.', { retryAfterSeconds: 1 }))
      return
    }
    let body: RequestBody | undefined
    try {
      const { maxOtlpBytes: maxBytes, bodyTimeoutMs: timeoutMs } = limits
      body = await readBody(req, { maxBytes, timeoutMs, budget })
      send(res, 200, await take(req, body, encoding))
    } catch (error) {
      refuse(res, encoding, error, next)
    } finally {
      body?.release()
    }
  }
}

async function passOn(
  forwarder: Forwarder | undefined,
  req: Request,
  body: RequestBody,
): Promise<void> {
  const { via, 'content-type': contentType = '' } = req.headers
  // What we have passed on ourselves would go round for ever.
  if (forwarder === undefined || forwarder.cameFromUs(via)) return
  const result = await forwarder.offer({
    path: '/v1/traces',
    contentType,
    contentEncoding: body.contentEncoding,
    via,
    body: body.raw,
  })
  if (result !== 'accepted') throw NOT_PASSED_ON[result]()
}

const NOT_PASSED_ON: Readonly<Record<Exclude<OfferResult, 'accepted'>, () => BodyRefused>> = {
  full: () => later('The queue for the upstream is full (`maxQueueBytes`). Try again.'),
  unavailable: () => later('Nothing can be kept for the upstream at this moment. Try again.'),
  'too-large': () => {
    const message = 'The body is larger than the whole queue for the upstream (`maxQueueBytes`).'
    return new BodyRefused(413, message)
  },
}

function later(message: string): BodyRefused {
  return new BodyRefused(503, message, { retryAfterSeconds: RETRY_AFTER_SECONDS })
}

function refuse(
  res: Response,
  encoding: OtlpEncoding,
  error: unknown,
  next: (error: unknown) => void,
): void {
  if (error instanceof MalformedBody) {
    send(res, 400, encodeStatus(encoding, 400, error.message))
    return
  }
  if (!(error instanceof BodyRefused)) {
    next(error)
    return
  }
  if (error.retryAfterSeconds !== undefined) {
    res.setHeader('Retry-After', String(error.retryAfterSeconds))
  }
  if (error.close) res.setHeader('Connection', 'close')
  send(res, error.status, encodeStatus(encoding, error.status, error.message))
}

/** A refusal that no route of OTLP made itself, told as OTLP tells it. */
export function sendOtlpProblem(req: Request, res: Response, error: BridgeError): void {
  for (const [name, value] of Object.entries(error.headers)) res.setHeader(name, value)
  if (error.retryAfterSeconds !== undefined) {
    res.setHeader('Retry-After', String(error.retryAfterSeconds))
  }
  const encoding = encodingOf(req.headers['content-type']) ?? 'json'
  send(res, error.status, encodeStatus(encoding, error.status, error.message))
}

function send(res: Response, status: number, { contentType, body }: EncodedResponse): void {
  if (res.headersSent || res.destroyed) return
  res.writeHead(status, { 'Content-Type': contentType, 'Content-Length': body.length })
  res.end(body)
}

function wrongType(signal: OtlpSignal): string {
  return `Expected ${signal} as application/x-protobuf or application/json.`
}
