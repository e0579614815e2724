import type { AgentMarks } from './agent-marks.ts'
import { JsonTraces } from './json-traces.ts'
import { malformed } from './malformed-body.ts'
import type { OtlpEncoding } from './otlp-encoding.ts'
import type { DecodedTraces } from './otlp-span.ts'
import { ProtobufTraces } from './protobuf-traces.ts'
import { SpanScan } from './span-scan.ts'

/**
 * The spans of an ExportTraceServiceRequest. The form of all of it is checked here; what a span holds is read when it
 * is asked for, so that spans which concern no agent cost little. Pauses now and then, where it can.
 *
 * @param body - Inflated. Kept by what is returned.
 * @param marks - What makes a span agentic.
 * @throws MalformedBody for anything that is no such request, and nothing else.
 */
export function* decodeTraces(
  body: Buffer,
  encoding: OtlpEncoding,
  marks: AgentMarks,
): Generator<void, DecodedTraces> {
  try {
    if (encoding === 'json') return yield* JsonTraces.of(body, marks)
    const scan = new SpanScan(body, marks)
    for (;;) {
      const table = scan.more()
      if (table !== undefined) return new ProtobufTraces(body, table)
      yield
    }
  } catch (error) {
    throw malformed(error)
  }
}
