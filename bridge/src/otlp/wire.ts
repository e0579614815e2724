import type { PbfReader } from 'pbf'
import { MalformedBody } from './malformed-body.ts'

export const VARINT = 0
export const FIXED64 = 1
export const BYTES = 2
export const FIXED32 = 5

/**
 * The next field's tag (its number times eight, and its wire type). pbf reads on beyond a message's end and takes field
 * 0 for it, so its own loop is not used: every length is held against the message that it is in.
 */
export function readTag(pbf: PbfReader): number {
  const tag = pbf.readVarint()
  if (tag < 8 || tag > 0xffff_ffff) throw new MalformedBody('a field with an invalid number')
  return tag
}

/** Where the length-delimited field ends that begins here. */
export function readEnd(pbf: PbfReader, limit: number): number {
  const end = pbf.readVarint() + pbf.pos
  if (end > limit) throw new MalformedBody('a length beyond the end of its message')
  return end
}

/** Goes past a field that nobody wants. */
export function skipField(pbf: PbfReader, wire: number, limit: number): void {
  if (wire === BYTES) pbf.pos = readEnd(pbf, limit)
  else if (wire === VARINT) pbf.readVarint()
  else if (wire === FIXED64) pbf.pos += 8
  else if (wire === FIXED32) pbf.pos += 4
  else throw new MalformedBody('a field of an unknown wire type')
}

export function expectEnd(pbf: PbfReader, end: number): void {
  if (pbf.pos !== end) throw new MalformedBody('a field beyond the end of its message')
}

export function expectWire(wire: number, expected: number): void {
  if (wire !== expected) throw new MalformedBody('a field of the wrong wire type')
}
