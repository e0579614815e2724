import { JsonTraces } from './json-traces.ts'
import type { KeyPrefixes } from './key-prefixes.ts'
import { malformedOr } from './malformed-body.ts'
import type { OtlpEncoding } from './otlp-encoding.ts'
import type { DecodedTraces } from './otlp-span.ts'
import { ProtobufTraces } from './protobuf-traces.ts'
import { SpanScan } from './span-scan.ts'

/**
 * The spans of an ExportTraceServiceRequest. The form of all of it is checked here; what a span holds is read when it
 * is asked for, so that spans which concern no agent cost little.
 *
 * @param body - Inflated. Kept by what is returned.
 * @param keys - Attribute keys of which one makes a span agentic.
 * @throws MalformedBody for anything that is no such request, and nothing else.
 */
export function decodeTraces(
  body: Buffer,
  encoding: OtlpEncoding,
  keys: KeyPrefixes,
): DecodedTraces {
  return malformedOr(() =>
    encoding === 'json'
      ? JsonTraces.of(body, keys)
      : new ProtobufTraces(body, new SpanScan(body, keys).run()),
  )
}
