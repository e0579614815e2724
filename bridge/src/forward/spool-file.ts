import { crc32 } from 'node:zlib'
import type { ForwardRequest } from './forward-request.ts'

/** What stands in a file is not what was once written there. The message says how it shows. */
export class BadSpoolFile extends Error {
  override readonly name = 'BadSpoolFile'
}

// Magic, length of the head, length of the body, checksum of all the rest.
const MAGIC = Buffer.from('SPCAST1\n')
const PREFIX_BYTES = MAGIC.length + 12

/** A request as a file: a prefix with lengths and checksum, a head in JSON, and the body as it came. */
export function encodeSpoolFile({ body, ...head }: ForwardRequest): Buffer[] {
  const json = Buffer.from(JSON.stringify(head))
  const numbers = Buffer.alloc(12)
  numbers.writeUInt32BE(json.length, 0)
  numbers.writeUInt32BE(body.length, 4)
  numbers.writeUInt32BE(crc32(body, crc32(json)), 8)
  return [MAGIC, numbers, json, body]
}

/** @throws BadSpoolFile if the bytes are not those of `encodeSpoolFile`. */
export function decodeSpoolFile(bytes: Buffer): ForwardRequest {
  if (bytes.length < PREFIX_BYTES || !bytes.subarray(0, MAGIC.length).equals(MAGIC)) {
    throw new BadSpoolFile('it does not begin like a spool file')
  }
  const headEnd = PREFIX_BYTES + bytes.readUInt32BE(MAGIC.length)
  const end = headEnd + bytes.readUInt32BE(MAGIC.length + 4)
  if (bytes.length !== end) throw new BadSpoolFile(`it has ${bytes.length} bytes instead of ${end}`)
  if (crc32(bytes.subarray(PREFIX_BYTES)) !== bytes.readUInt32BE(MAGIC.length + 8)) {
    throw new BadSpoolFile('its checksum does not match')
  }
  return { ...headOf(bytes.toString('utf8', PREFIX_BYTES, headEnd)), body: bytes.subarray(headEnd) }
}

function headOf(json: string): Omit<ForwardRequest, 'body'> {
  let head: unknown
  try {
    head = JSON.parse(json)
  } catch {
    throw new BadSpoolFile('its head is no JSON')
  }
  if (typeof head !== 'object' || head === null) throw new BadSpoolFile('its head is no object')
  const { path, contentType, contentEncoding, via } = head as Record<string, unknown>
  if (typeof path !== 'string' || typeof contentType !== 'string') {
    throw new BadSpoolFile('its head lacks the path or the type')
  }
  return {
    path,
    contentType,
    ...(typeof contentEncoding === 'string' ? { contentEncoding } : {}),
    ...(typeof via === 'string' ? { via } : {}),
  }
}
