import { BYTES, VARINT } from './wire.ts'

/** Tags of the fields of a span: number and wire type in one. */
export const TRACE_ID = 0x0a
export const SPAN_ID = 0x12
export const PARENT_SPAN_ID = 0x22
export const NAME = 0x2a
export const START_TIME = 0x39
export const END_TIME = 0x41
export const ATTRIBUTE = 0x4a
export const EVENT = 0x5a
export const LINK = 0x6a
export const STATUS_TAG = 0x7a
export const FLAGS = 0x85
/** Wire types of the fields of a span that are not looked at: trace state, kind and the counts of what was dropped. */
export const OTHER_SPAN_WIRES: Readonly<Record<number, number>> = {
  3: BYTES,
  6: VARINT,
  10: VARINT,
  12: VARINT,
  14: VARINT,
}
export const LAST_SPAN_FIELD = 16
