/** Attributes by key. int64 beyond what a number holds exactly is a decimal string, bytes are a Uint8Array. */
export type OtlpAttributes = Readonly<Record<string, unknown>>

/** What is read of every span: enough to know where in its trace it stands. */
export interface SpanHead {
  /** 32 lower-case hex digits. */
  readonly traceId: string
  /** 16 lower-case hex digits. */
  readonly spanId: string
  readonly parentSpanId: string | undefined
  /** As sent: the low eight bits are the W3C trace flags. 0 may also mean that the sender does not know them. */
  readonly flags: number
  /** Whether the parent is known to be in another process. Senders that do not tell are not believed to be. */
  readonly isRemoteParent: boolean
  /** Milliseconds since the Unix epoch, fractional. */
  readonly startMs: number
  /** Milliseconds since the Unix epoch, fractional. */
  readonly endMs: number
  /** Whether one of its attribute keys was asked for, or its scope. */
  readonly agentic: boolean
}

export interface OtlpSpanEvent {
  readonly name: string
  /** Milliseconds since the Unix epoch, fractional. */
  readonly timeMs: number
  readonly attributes: OtlpAttributes
}

export interface OtlpStatus {
  /** 0 unset, 1 ok, 2 error. */
  readonly code: number
  readonly message: string
}

/** The rest of a span, as far as the live view shows it. */
export interface SpanDetail {
  readonly name: string
  /** 0 unspecified, 1 internal, 2 server, 3 client, 4 producer, 5 consumer. */
  readonly kind: number
  /** Milliseconds, exact to the nanosecond where `endMs - startMs` is not. */
  readonly durationMs: number
  readonly attributes: OtlpAttributes
  readonly events: readonly OtlpSpanEvent[]
  readonly status: OtlpStatus
  /** Name of the instrumentation scope. */
  readonly scope: string
}

/**
 * The spans of one request. The request was well-formed, so nothing here throws for its content. It holds the body:
 * take what you need while the request is handled, and let go of it.
 */
export interface DecodedTraces {
  /** Spans with valid ids, numbered from 0 in the order in which they came. */
  readonly size: number
  /** How many of them are agentic. */
  readonly agentic: number
  /** Spans left out because an id is of the wrong length or all zero. */
  readonly rejected: number
  /** Values cut in what was read so far: for their depth (32), or their number in one span (100 000). */
  readonly cut: number
  /** Whether the span has an attribute, or a scope, that was asked for. */
  isAgentic(index: number): boolean
  /** Puts spans away as bytes; `undefined` where they are none. */
  readonly packing?: SpanPacking | undefined
  /**
   * Writes the ids of a span as numbers, as `OtherSpans` has them, without making any text.
   *
   * @returns whether its process began with it: it has no parent, or one in another process.
   */
  place(index: number, ids: Uint32Array, at: number): boolean
  /** Milliseconds since the Unix epoch, fractional. */
  startMs(index: number): number
  endMs(index: number): number
  /** @throws RangeError if there is no such span; so do the others. */
  head(index: number): SpanHead
  /** The name alone, for spans of which nothing else is of interest. */
  name(index: number): string
  detail(index: number): SpanDetail
  /** Attributes of the resource that the span came with. */
  resource(index: number): OtlpAttributes
}

/** What it takes to put spans away as bytes. */
export interface SpanPacking {
  /** 32 lower-case hex digits; the same text for spans of a trace that come together. */
  traceId(index: number): string
  /** Writes its trace id as four numbers. */
  writeTraceId(index: number, ids: Uint32Array): void
  isSameTrace(a: number, b: number): boolean
  /** Whether it has a key that may say what it cannot be folded without. */
  isTelling(index: number): boolean
  /** Whether its process began with it: it has no parent, or one in another process. */
  isLocalRoot(index: number): boolean
  /** Bytes that it takes. */
  bytes(index: number): number
  /** These spans as a request in protobuf. It holds nothing of this one. */
  pack(indexes: readonly number[]): Buffer
}

export const UNSET: OtlpStatus = Object.freeze({ code: 0, message: '' })

const HAS_IS_REMOTE = 0x100
const IS_REMOTE = 0x200

export function isRemoteParent(flags: number): boolean {
  return (flags & HAS_IS_REMOTE) !== 0 && (flags & IS_REMOTE) !== 0
}
