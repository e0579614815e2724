import type { OtlpAttributes } from './otlp-span.ts'

/** A log record that carries the attribute that was asked for. */
export interface OtlpLogRecord {
  /** Empty if it has none. */
  readonly eventName: string
  /** 32 lower-case hex digits; `undefined` if it has none that is valid. */
  readonly traceId: string | undefined
  /** 16 lower-case hex digits; `undefined` if it has none that is valid. */
  readonly spanId: string | undefined
  /** When it happened, else when it was observed: milliseconds since the Unix epoch, fractional. */
  readonly timeMs: number
  readonly attributes: OtlpAttributes
}

export interface DecodedLogs {
  readonly records: readonly OtlpLogRecord[]
  /** Records without that attribute: they are only counted. */
  readonly others: number
  /** Values cut for their depth (32), or their number in one record (100 000). */
  readonly cut: number
}
