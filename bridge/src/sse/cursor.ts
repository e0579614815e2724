import { BridgeError } from '../errors.ts'
import { shown } from './stream-query.ts'

/** Where a reader was: it wants what came strictly after. */
export interface Cursor {
  /** The buffer that `seq` counts in; `undefined` for a bare number, which means the current one. */
  readonly epoch: string | undefined
  readonly seq: number
}

/** Where a stream begins. */
export interface Start {
  /** Strictly after this `seq`. */
  readonly after: number
  /** Whether the cursor belongs to another buffer, so that everything is sent anew. */
  readonly restarted: boolean
}

// Fifteen digits are below 2 ** 53, so that no seq is rounded.
const CURSOR = /^(?:([A-Za-z0-9_-]{1,64})\.)?([0-9]{1,15})$/

/** An id that a stream gave, `<epoch>.<seq>`, or a bare seq; `undefined` for anything else. */
export function parseCursor(text: string): Cursor | undefined {
  const match = CURSOR.exec(text)
  return match === null ? undefined : { epoch: match[1], seq: Number(match[2]) }
}

/**
 * The cursor of a request. `Last-Event-ID` wins: a reader that reconnects by itself repeats its first URL.
 *
 * @throws BridgeError `invalid-since` for a malformed `since` or `lastEventId`; a malformed header is ignored, since
 * nobody can change what a browser sends.
 */
export function requestCursor(
  header: string | readonly string[] | undefined,
  query: Readonly<Record<string, unknown>>,
): Cursor | undefined {
  const asked = queryCursor('since', query) ?? queryCursor('lastEventId', query)
  return (typeof header === 'string' ? parseCursor(header) : undefined) ?? asked
}

/** Where a stream of this buffer begins for a reader with that cursor. Without one: at the first event. */
export function startAfter(
  cursor: Cursor | undefined,
  buffer: { readonly epoch: string; readonly lastSeq: number },
): Start {
  if (cursor === undefined) return { after: 0, restarted: false }
  const foreign = cursor.epoch !== undefined && cursor.epoch !== buffer.epoch
  if (foreign || cursor.seq > buffer.lastSeq) return { after: 0, restarted: true }
  return { after: cursor.seq, restarted: false }
}

function queryCursor(name: string, query: Readonly<Record<string, unknown>>): Cursor | undefined {
  const value = query[name]
  if (value === undefined) return undefined
  const cursor = typeof value === 'string' ? parseCursor(value) : undefined
  if (cursor !== undefined) return cursor
  throw new BridgeError(
    'invalid-since',
    `Expected \`${name}\` to be an id of this stream, such as 4f1c2a90bd.17, or a whole number, got ${shown(value)}.`,
  )
}
