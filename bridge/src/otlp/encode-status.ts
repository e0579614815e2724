import { PbfWriter } from 'pbf'
import { CONTENT_TYPES, type OtlpEncoding } from './otlp-encoding.ts'

/** The body of an OTLP response, and the `Content-Type` that goes with it. */
export interface EncodedResponse {
  readonly contentType: string
  readonly body: Buffer
}

export type OtlpSignal = 'traces' | 'logs' | 'metrics'

const REJECTED: Readonly<Record<OtlpSignal, string>> = {
  traces: 'rejectedSpans',
  logs: 'rejectedLogRecords',
  metrics: 'rejectedDataPoints',
}

const INTERNAL = 13
/** Codes of google.rpc that say the same as an HTTP status. */
const RPC_CODES: Readonly<Record<number, number>> = {
  400: 3,
  401: 16,
  403: 7,
  404: 5,
  405: 12,
  408: 4,
  413: 8,
  415: 3,
  429: 8,
  503: 14,
}

/** Everything was taken. */
export function encodeSuccess(encoding: OtlpEncoding): EncodedResponse {
  return response(encoding, {}, () => {})
}

/**
 * A part was not taken and is not to be sent again.
 *
 * @param rejected - How many spans, log records or data points. 0 makes the message a mere warning.
 * @param message - Why, for whoever runs the sender.
 */
export function encodePartialSuccess(
  encoding: OtlpEncoding,
  signal: OtlpSignal,
  rejected: number,
  message: string,
): EncodedResponse {
  const json = { partialSuccess: { [REJECTED[signal]]: String(rejected), errorMessage: message } }
  return response(encoding, json, (writer) => {
    writer.writeMessage(1, writePartial, { rejected, message })
  })
}

/**
 * A refusal as a google.rpc.Status.
 *
 * @param httpStatus - Of the response; a google.rpc code that means the same is written.
 */
export function encodeStatus(
  encoding: OtlpEncoding,
  httpStatus: number,
  message: string,
): EncodedResponse {
  const code = RPC_CODES[httpStatus] ?? INTERNAL
  return response(encoding, { code, message }, (writer) => {
    writer.writeVarintField(1, code)
    writeMessage(writer, message)
  })
}

interface Partial {
  readonly rejected: number
  readonly message: string
}

function writePartial({ rejected, message }: Partial, writer: PbfWriter): void {
  if (rejected !== 0) writer.writeVarintField(1, rejected)
  writeMessage(writer, message)
}

// As bytes: pbf's own writer of text gets the characters beyond U+1FFFF wrong.
function writeMessage(writer: PbfWriter, message: string): void {
  writer.writeBytesField(2, Buffer.from(message))
}

function response(
  encoding: OtlpEncoding,
  json: unknown,
  write: (writer: PbfWriter) => void,
): EncodedResponse {
  const contentType = CONTENT_TYPES[encoding]
  if (encoding === 'json') return { contentType, body: Buffer.from(JSON.stringify(json)) }
  const writer = new PbfWriter()
  write(writer)
  return { contentType, body: Buffer.from(writer.finish()) }
}
