import type { Range } from './span-table.ts'

/** Where spans lie in the body that they came in, by number. */
export interface SpanPlaces {
  from(index: number): number
  to(index: number): number
  scope(index: number): Range
}

// Tags of `resource_spans`, `scope_spans`, `scope` and `spans`.
const RESOURCE_SPANS = 0x0a
const SCOPE_SPANS = 0x12
const SCOPE = 0x0a
const SPANS = 0x12

/** Some spans of a protobuf request as one of their own, by itself: it does not hold the body that they came in. */
export function packSpans(body: Buffer, places: SpanPlaces, indexes: readonly number[]): Buffer {
  const scopes = byScope(places, indexes)
  let inner = 0
  for (const { bytes } of scopes) inner += fieldSize(bytes)
  // Not from Node's pool, which all that is in it would keep.
  const packed = Buffer.allocUnsafeSlow(fieldSize(inner))
  let at = writeHead(packed, 0, RESOURCE_SPANS, inner)
  for (const { scope, first, last, bytes } of scopes) {
    at = writeHead(packed, at, SCOPE_SPANS, bytes)
    if (scope.from >= 0) at = writeField(packed, at, SCOPE, body, scope.from, scope.to)
    at = writeSpans(packed, at, body, places, indexes, first, last)
  }
  return packed
}

/** Spans of one scope that follow each other. */
interface ScopeOfSpans {
  readonly scope: Range
  /** The places of its spans among those that are packed. */
  readonly first: number
  last: number
  bytes: number
}

function byScope(places: SpanPlaces, indexes: readonly number[]): ScopeOfSpans[] {
  const found: ScopeOfSpans[] = []
  let open: ScopeOfSpans | undefined
  for (let i = 0; i < indexes.length; i++) {
    const index = indexes[i] as number
    const scope = places.scope(index)
    if (open === undefined || open.scope !== scope) {
      const bytes = scope.from < 0 ? 0 : fieldSize(scope.to - scope.from)
      open = { scope, first: i, last: i, bytes }
      found.push(open)
    }
    open.last = i
    open.bytes += fieldSize(places.to(index) - places.from(index))
  }
  return found
}

/** Spans that lie behind each other are copied at once: making a call for each takes longer than copying them. */
function writeSpans(
  into: Buffer,
  start: number,
  body: Buffer,
  places: SpanPlaces,
  indexes: readonly number[],
  first: number,
  last: number,
): number {
  let at = start
  let next = first
  while (next <= last) {
    const index = indexes[next++] as number
    const from = places.from(index)
    const own = places.to(index)
    let to = own
    for (; next <= last; next++) {
      const other = indexes[next] as number
      const otherTo = places.to(other)
      // Between two of one scope there is nothing but the head of the second, if that fits in there just so.
      const head = fieldSize(otherTo - places.from(other)) - (otherTo - places.from(other))
      if (places.from(other) - to !== head) break
      to = otherTo
    }
    at = writeHead(into, at, SPANS, own - from)
    body.copy(into, at, from, to)
    at += to - from
  }
  return at
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
  from: number,
  to: number,
): number {
  const at = writeHead(into, start, tag, to - from)
  body.copy(into, at, from, to)
  return at + to - from
}
