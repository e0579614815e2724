import { randomBytes } from 'node:crypto'
import { endOfString, JsonSize } from './json-text.ts'

/** The parts of a body that are parsed one by one, and the rest. */
export interface JsonPieces {
  /** The body with `{"<mark>":n}` in place of its piece number n. */
  readonly rest: string
  /** Not to be guessed: what a sender writes is never taken for a piece. */
  readonly mark: string
  readonly count: number
  /** The text of a piece. */
  piece(number: number): string
}

const QUOTE = 0x22
const OPEN_LIST = 0x5b
const CLOSE_LIST = 0x5d
const OPEN_RECORD = 0x7b
const CLOSE_RECORD = 0x7d
/** Where spans and log records are: in a request's list of resources, a resource's list of scopes, a scope's list. */
const ENTRY_DEPTH = 7
const PATH = [OPEN_RECORD, OPEN_LIST, OPEN_RECORD, OPEN_LIST, OPEN_RECORD, OPEN_LIST, OPEN_RECORD]
/** What is shorter than this stays where it is: what stands for it would be no shorter. */
const SMALLEST_PIECE = 64
const SLICE_BYTES = 512 * 1024

/**
 * Cuts what may be spans or log records out of a body of JSON, by its brackets alone. The body is valid JSON if the rest and each
 * piece are, and only then. Pauses now and then.
 *
 * @throws MalformedBody as `JsonSize` does.
 */
export function* cutEntries(body: Buffer): Generator<void, JsonPieces> {
  const size = new JsonSize()
  const mark = randomBytes(9).toString('base64url')
  const open = new Uint8Array(ENTRY_DEPTH + 1)
  const rest: Buffer[] = []
  const ranges: number[] = []
  let depth = 0
  let from = 0
  let restFrom = 0
  let pauseAt = SLICE_BYTES
  for (let at = 0; at < body.length; at++) {
    const byte = body[at] as number
    if (byte === QUOTE) at = endOfString(body, at + 1)
    else size.see(byte)
    if (byte === OPEN_RECORD || byte === OPEN_LIST) {
      if (++depth <= ENTRY_DEPTH) open[depth] = byte
      if (depth === ENTRY_DEPTH) from = at
    } else if (byte === CLOSE_RECORD || byte === CLOSE_LIST) {
      if (depth-- === ENTRY_DEPTH && at - from >= SMALLEST_PIECE && isEntryPath(open)) {
        rest.push(body.subarray(restFrom, from), Buffer.from(`{"${mark}":${ranges.length / 2}}`))
        ranges.push(from, at + 1)
        restFrom = at + 1
      }
    }
    if (at > pauseAt) {
      pauseAt = at + SLICE_BYTES
      yield
    }
  }
  size.end()
  rest.push(body.subarray(restFrom))
  return {
    rest: Buffer.concat(rest).toString('utf8'),
    mark,
    count: ranges.length / 2,
    piece: (number) => body.toString('utf8', ranges[2 * number], ranges[2 * number + 1]),
  }
}

function isEntryPath(open: Uint8Array): boolean {
  return PATH.every((bracket, index) => open[index + 1] === bracket)
}
