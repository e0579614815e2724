import type { IncomingMessage } from 'node:http'
import {
  type BodyRefused,
  cutShort,
  gaveWay,
  noRoom,
  takenAlready,
  tooLarge,
  tooSlow,
  unknownCoding,
} from './body-refused.ts'
import type { BudgetShare, ByteBudget } from './byte-budget.ts'
import { GrowingBuffer } from './growing-buffer.ts'
import { inflate } from './inflate.ts'

export interface ReadBodyOptions {
  /** Bytes of the body, on the wire and inflated. */
  readonly maxBytes: number
  /** Time for all of it to arrive, in milliseconds. */
  readonly timeoutMs: number
  /** Pays for what is held, until it is released. */
  readonly budget: ByteBudget
}

/** A request body, whole. */
export interface RequestBody {
  /** As it came, to be passed on. */
  readonly raw: Buffer
  /** As it is to be decoded: `raw` itself if that is not compressed. */
  readonly inflated: Buffer
  /** The `Content-Encoding` of `raw`. */
  readonly contentEncoding: 'gzip' | undefined
  /** Gives its bytes back to the budget. Call it when the request is done with; twice is harmless. */
  release(): void
}

/** Bytes of a refused body that are thrown away: that many times the limit, and these. */
const DISCARDED = 4
const DISCARDED_AT_LEAST = 64 * 1024

/**
 * Reads the body of an OTLP request. It takes no more than the limits allow, and holds nothing once the sender is gone;
 * for the moment in which a buffer grows, or is put together, its bytes are there twice. What still comes of a refused body is thrown away, so that the sender gets to read the answer.
 *
 * @throws BodyRefused 400 if it is not whole or no gzip, 408 if it is too slow, 413 if it is too large, 415 for another
 * coding than gzip, 500 if somebody else has read it, 503 if the budget is used up, and nothing else.
 */
export async function readBody(
  req: IncomingMessage,
  { maxBytes, timeoutMs, budget }: ReadBodyOptions,
): Promise<RequestBody> {
  const stalled: Stalled = { tell: () => {} }
  const share = budget.share(() => stalled.tell())
  const { release } = share
  try {
    if (req.readableEnded) {
      const raw = parsedBody(req, { maxBytes, share })
      return { raw, inflated: raw, contentEncoding: undefined, release }
    }
    const contentEncoding = codingOf(req)
    const expected = expectedBytes(req)
    if ((expected ?? 0) > maxBytes) throw tooLarge(maxBytes)
    if (!budget.hasRoom(expected ?? 0)) throw noRoom()
    const raw = await collect(req, {
      maxBytes,
      timeoutMs,
      share,
      expected,
      stalled,
    })
    share.settle()
    const inflated = contentEncoding === 'gzip' ? await inflate(raw, { maxBytes, share }) : raw
    return { raw, inflated, contentEncoding, release }
  } catch (error) {
    release()
    discard(req, maxBytes)
    throw error
  }
}

function codingOf(req: IncomingMessage): 'gzip' | undefined {
  const coding = req.headers['content-encoding']?.trim().toLowerCase() ?? ''
  if (coding === 'gzip' || coding === 'x-gzip') return 'gzip'
  if (coding !== '' && coding !== 'identity') throw unknownCoding()
  return undefined
}

function expectedBytes(req: IncomingMessage): number | undefined {
  const length = req.headers['content-length']
  return length === undefined ? undefined : Number(length)
}

interface CollectOptions {
  readonly maxBytes: number
  readonly timeoutMs: number
  readonly share: BudgetShare
  readonly expected: number | undefined
  readonly stalled: Stalled
}

/** Who is told when the body was too slow to keep its place. */
interface Stalled {
  tell(): void
}

function collect(req: IncomingMessage, options: CollectOptions): Promise<Buffer> {
  const { maxBytes, timeoutMs, share, expected, stalled } = options
  return new Promise((resolve, reject) => {
    if (req.destroyed) {
      reject(cutShort())
      return
    }
    const bytes = new GrowingBuffer(expected)
    const finish = (refused?: BodyRefused): void => {
      clearTimeout(timer)
      req.off('data', onData)
      req.off('end', onEnd)
      req.off('close', onGone)
      req.off('error', onGone)
      stalled.tell = () => {}
      if (refused === undefined) resolve(bytes.take())
      else reject(refused)
    }
    const onData = (part: Buffer): void => {
      if (bytes.length + part.length > maxBytes) finish(tooLarge(maxBytes))
      else if (!share.take(part.length)) finish(noRoom())
      else bytes.append(part)
    }
    const onEnd = (): void => finish()
    const onGone = (): void => finish(cutShort())
    const timer = setTimeout(() => finish(tooSlow(timeoutMs)), timeoutMs)
    timer.unref()
    req.on('data', onData)
    req.on('end', onEnd)
    req.on('close', onGone)
    req.on('error', onGone)
    stalled.tell = () => finish(gaveWay())
  })
}

/**
 * What a body parser of the app that this is mounted in made of the body, as bytes again: inflated, and for JSON not
 * the very bytes that came, but the same to any reader of OTLP.
 */
function parsedBody(
  req: IncomingMessage & { readonly body?: unknown },
  { maxBytes, share }: { readonly maxBytes: number; readonly share: BudgetShare },
): Buffer {
  const { body } = req
  if (body === undefined) throw takenAlready()
  const bytes = Buffer.isBuffer(body)
    ? body
    : Buffer.from(typeof body === 'string' ? body : JSON.stringify(body))
  if (bytes.length > maxBytes) throw tooLarge(maxBytes)
  if (!share.take(bytes.length)) throw noRoom()
  return bytes
}

/**
 * Lets what still comes run into nothing: an unread rest would keep the connection from its next request, and a
 * connection that is cut keeps most senders from reading the answer. One that never stops is cut all the same.
 */
function discard(req: IncomingMessage, maxBytes: number): void {
  if (req.readableEnded || req.destroyed) return
  let left = DISCARDED * maxBytes + DISCARDED_AT_LEAST
  req.on('error', () => {})
  req.on('data', (part: Buffer) => {
    left -= part.length
    if (left < 0) req.destroy()
  })
}
