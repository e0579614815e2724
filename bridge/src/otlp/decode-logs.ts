import { decodeJsonLogs } from './json-logs.ts'
import type { DecodedLogs } from './log-record.ts'
import { malformed } from './malformed-body.ts'
import type { OtlpEncoding } from './otlp-encoding.ts'
import { decodeProtobufLogs } from './protobuf-logs.ts'

/**
 * The records of an ExportLogsServiceRequest that have the attribute `key`; of the others only the form is checked. Pauses now
 * and then, if there are many.
 *
 * @param body - Inflated. Nothing of it is kept.
 * @throws MalformedBody for anything that is no such request, and nothing else.
 */
export function* decodeLogs(
  body: Buffer,
  encoding: OtlpEncoding,
  key: string,
): Generator<void, DecodedLogs> {
  try {
    return yield* encoding === 'json' ? decodeJsonLogs(body, key) : decodeProtobufLogs(body, key)
  } catch (error) {
    throw malformed(error)
  }
}
