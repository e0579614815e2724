import type { Range } from './span-table.ts'

/** A span in the body that it came in. */
export interface PackedSpan extends Range {
  readonly scope: Range
}

// Tags of `resource_spans`, `scope_spans`, `scope` and `spans`.
const RESOURCE_SPANS = 0x0a
const SCOPE_SPANS = 0x12
const SCOPE = 0x0a
const SPANS = 0x12

/** Some spans of a protobuf request as one of their own, by itself: it does not hold the body that they came in. */
export function packSpans(body: Buffer, spans: readonly PackedSpan[]): Buffer {
  const scopes = byScope(spans)
  let inner = 0
  for (const { bytes } of scopes) inner += fieldSize(bytes)
  // Not from Node's pool, which all that is in it would keep.
  const packed = Buffer.allocUnsafeSlow(fieldSize(inner))
  let at = writeHead(packed, 0, RESOURCE_SPANS, inner)
  for (const { scope, from, to, bytes } of scopes) {
    at = writeHead(packed, at, SCOPE_SPANS, bytes)
    if (scope.from >= 0) at = writeField(packed, at, SCOPE, body, scope)
    for (let i = from; i < to; i++) at = writeField(packed, at, SPANS, body, spans[i] as Range)
  }
  return packed
}

interface ScopeOfSpans {
  readonly scope: Range
  /** Its spans, by number. */
  readonly from: number
  to: number
  bytes: number
}

/** Spans of one scope that follow each other. */
function byScope(spans: readonly PackedSpan[]): ScopeOfSpans[] {
  const found: ScopeOfSpans[] = []
  let last: ScopeOfSpans | undefined
  for (const [at, { scope, from, to }] of spans.entries()) {
    if (last === undefined || last.scope !== scope) {
      const bytes = scope.from < 0 ? 0 : fieldSize(scope.to - scope.from)
      last = { scope, from: at, to: at, bytes }
      found.push(last)
    }
    last.to++
    last.bytes += fieldSize(to - from)
  }
  return found
}

/** What a field of so many bytes takes, with its tag and its length. */
function fieldSize(bytes: number): number {
  let size = 2 + bytes
  for (let more = bytes >>> 7; more > 0; more >>>= 7) size++
  return size
}

/** @returns where its bytes are to stand. */
function writeHead(into: Uint8Array, start: number, tag: number, bytes: number): number {
  let at = start
  into[at++] = tag
  let left = bytes
  for (; left > 0x7f; left >>>= 7) into[at++] = (left & 0x7f) | 0x80
  into[at++] = left
  return at
}

function writeField(
  into: Uint8Array,
  start: number,
  tag: number,
  body: Buffer,
  { from, to }: Range,
): number {
  const at = writeHead(into, start, tag, to - from)
  body.copy(into, at, from, to)
  return at + to - from
}
