import type { PbfReader } from 'pbf'
import {
  BYTES,
  expectEnd,
  expectWire,
  FIXED32,
  FIXED64,
  readEnd,
  readTag,
  skipField,
  VARINT,
} from './wire.ts'

/** Values in values deeper than this are cut; the fields of what is cut are not looked at. */
export const MAX_VALUE_DEPTH = 32
/** Values and events beyond these of one span are cut: two bytes of the body could make an object each. */
export const MAX_VALUES = 100_000

const FIELDS = 17
const UNKNOWN = -1

/** Which wire types the fields of a message have, and which of them are messages; the others are unknown. */
export class MessageShape {
  readonly wires: Int8Array = new Int8Array(FIELDS).fill(UNKNOWN)
  readonly inner: (MessageShape | undefined)[] = new Array(FIELDS).fill(undefined)

  constructor(fields: Readonly<Record<number, number | MessageShape>>) {
    for (const [field, is] of Object.entries(fields)) this.set(Number(field), is)
  }

  set(field: number, is: number | MessageShape): void {
    this.wires[field] = typeof is === 'number' ? is : BYTES
    this.inner[field] = typeof is === 'number' ? undefined : is
  }
}

export const ANY_VALUE: MessageShape = new MessageShape({
  1: BYTES,
  2: VARINT,
  3: VARINT,
  4: FIXED64,
  7: BYTES,
})
export const KEY_VALUE: MessageShape = new MessageShape({ 1: BYTES, 2: ANY_VALUE })
// A value holds a list, which holds values.
ANY_VALUE.set(5, new MessageShape({ 1: ANY_VALUE }))
ANY_VALUE.set(6, new MessageShape({ 1: KEY_VALUE }))

export const SCOPE: MessageShape = new MessageShape({ 1: BYTES, 2: BYTES, 3: KEY_VALUE, 4: VARINT })
export const RESOURCE: MessageShape = new MessageShape({ 1: KEY_VALUE, 2: VARINT })
export const SPAN_EVENT: MessageShape = new MessageShape({
  1: FIXED64,
  2: BYTES,
  3: KEY_VALUE,
  4: VARINT,
})
export const SPAN_LINK: MessageShape = new MessageShape({
  1: BYTES,
  2: BYTES,
  3: BYTES,
  4: KEY_VALUE,
  5: VARINT,
  6: FIXED32,
})
export const STATUS: MessageShape = new MessageShape({ 2: BYTES, 3: VARINT })

/**
 * Reads the message from here to `end` for its form alone, with all that is in it, so that reading it for its content
 * cannot fail later.
 *
 * @throws MalformedBody
 */
export function checkMessage(
  pbf: PbfReader,
  end: number,
  shape: MessageShape,
  depth: number = MAX_VALUE_DEPTH,
): void {
  const left = shape === ANY_VALUE ? depth - 1 : depth
  while (pbf.pos < end) checkField(pbf, readTag(pbf), end, shape, left)
  expectEnd(pbf, end)
}

/**
 * The same of one field, whose tag was read, in a message that ends at `end`.
 *
 * @throws MalformedBody
 */
export function checkField(
  pbf: PbfReader,
  tag: number,
  end: number,
  shape: MessageShape,
  depth: number = MAX_VALUE_DEPTH,
): void {
  const wire = tag & 7
  const field = tag >>> 3
  const expected = field < FIELDS ? (shape.wires[field] as number) : UNKNOWN
  if (expected !== UNKNOWN) expectWire(wire, expected)
  const inner = field < FIELDS ? shape.inner[field] : undefined
  if (inner === undefined) {
    skipField(pbf, wire, end)
    return
  }
  const innerEnd = readEnd(pbf, end)
  if (inner === ANY_VALUE && depth === 0) pbf.pos = innerEnd
  else checkMessage(pbf, innerEnd, inner, depth)
}
