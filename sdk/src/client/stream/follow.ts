import { ClientError, ProtocolError, StreamLostError } from '../errors.ts'
import type { Http } from '../http/http.ts'
import { refusalOf } from '../http/refusal.ts'
import type { Heartbeat } from '../state/reduce.ts'
import type { Connection } from '../state/run-state.ts'
import { type Frame, FrameReader } from './frames.ts'
import type { Nap } from './nap.ts'
import { untilShown, whenHidden, whenOnline } from './page.ts'

/** When and how often a lost stream is tried again. Each wait is random, up to a limit that doubles. */
export interface RetryOptions {
  /** The first limit, in milliseconds. Default 500, or what the bridge asks for. */
  readonly baseMs?: number
  /** The highest limit, in milliseconds. Default 15 000. */
  readonly capMs?: number
  /** Tries in a row without success before it is given up. Default: endless. */
  readonly maxRetries?: number
}

export interface FollowOptions {
  readonly retry?: RetryOptions | undefined
  /**
   * How long a stream may be silent, in milliseconds, before it counts as lost; a bridge says something every 15 s.
   * Default 37 500; 0: as long as it likes.
   */
  readonly heartbeatTimeoutMs?: number | undefined
  /** What a hidden page does after 5 s: `pause` gives up its stream until it is shown. Default `pause`. */
  readonly whenHidden?: 'pause' | 'stay' | undefined
}

/** A stream and how to read it. */
export interface Source<T> {
  readonly path: string
  /** The id to begin after. */
  readonly after?: string | undefined
  readonly signal: AbortSignal
  /** What waits between tries: cut short, the next one comes at once. */
  readonly nap: Nap
  decode(value: unknown): T | undefined
  /** Why the bridge ends the stream, if that is what this says. */
  endOf(value: T): string | undefined
  /** How the reading stands. */
  connection(connection: Connection): void
}

const OPEN_LONG_MS = 5000
const TRY_AGAIN: ReadonlySet<number> = new Set([408, 425, 429])

/** Why a connection was over, and when to come back. */
interface Parting {
  readonly why: 'finished' | 'rotated' | 'hidden' | 'lost'
  readonly cause?: unknown
  readonly atLeastMs?: number
}

/**
 * The frames of a stream, from connection to connection: what is lost is tried again and resumed by its last id. Over
 * when the bridge answers 204 or says `completed`, or when the consumer leaves.
 *
 * @throws HttpError, ProtocolError if trying again would not help; StreamLostError if it did not.
 */
export async function* follow<T>(
  http: Http,
  options: FollowOptions,
  source: Source<T>,
): AsyncGenerator<readonly Frame<T>[], void> {
  const { signal, nap } = source
  const {
    baseMs = 500,
    capMs = 15_000,
    maxRetries = Number.POSITIVE_INFINITY,
  } = options.retry ?? {}
  const trip: Trip = { lastId: undefined, retryMs: undefined, good: false }
  const offline = whenOnline(nap.end)
  try {
    source.connection({ state: 'connecting' })
    for (let attempt = 0; ; ) {
      trip.good = false
      const { why, cause, atLeastMs = 0 } = yield* connect(http, options, source, trip)
      if (why === 'finished') return
      signal.throwIfAborted()
      if (trip.good) attempt = 0
      if (why === 'hidden') {
        source.connection({ state: 'paused' })
        await untilShown(signal)
        signal.throwIfAborted()
        source.connection({ state: 'connecting' })
      } else if (why === 'lost' || !trip.good) {
        if (attempt >= maxRetries) {
          throw new StreamLostError('The stream was lost, and could not be got back.', { cause })
        }
        const limit = Math.min(capMs, (trip.retryMs ?? baseMs) * 2 ** attempt)
        const wait = Math.max(atLeastMs, Math.random() * limit)
        attempt++
        source.connection({ state: 'reconnecting', attempt, nextAt: Date.now() + wait })
        await nap.take(wait, signal)
        signal.throwIfAborted()
      }
    }
  } finally {
    offline()
  }
}

/** What one connection leaves to the next. */
interface Trip {
  lastId: string | undefined
  retryMs: number | undefined
  /** Whether it brought something, or was open for a while. */
  good: boolean
}

async function* connect<T>(
  http: Http,
  { heartbeatTimeoutMs = 37_500, whenHidden: hidden = 'pause' }: FollowOptions,
  source: Source<T>,
  trip: Trip,
): AsyncGenerator<readonly Frame<T>[], Parting> {
  const cut = new AbortController()
  const leave = (): void => cut.abort(source.signal.reason)
  source.signal.addEventListener('abort', leave)
  let isHidden = false
  const shown =
    hidden === 'stay'
      ? () => {}
      : whenHidden(() => {
          isHidden = true
          cut.abort()
        })
  let timer: ReturnType<typeof setTimeout> | undefined
  /** Waits for something from the bridge, as long as it may be silent. */
  const inTime = async <V>(promise: Promise<V>, ms: number): Promise<V> => {
    if (ms > 0) timer = setTimeout(() => cut.abort(new Error(`silent for ${ms} ms`)), ms)
    try {
      return await promise
    } finally {
      clearTimeout(timer)
    }
  }
  try {
    source.signal.throwIfAborted()
    const headers = { accept: 'text/event-stream', ...cursorHeader(trip.lastId) }
    const url = trip.lastId === undefined ? withAfter(source) : source.path
    // Before it answers, a bridge may wait for the run, a minute at most.
    const answerMs = heartbeatTimeoutMs > 0 ? heartbeatTimeoutMs + 60_000 : 0
    const response = await inTime(http.fetch(url, { headers, signal: cut.signal }), answerMs)
    const refused = await inTime(partingOf(response), answerMs)
    if (refused !== undefined) return refused
    source.connection({ state: 'open' })
    const openedAt = Date.now()
    const reader = response.body?.getReader()
    const frames = new FrameReader<T>(source.decode)
    for (;;) {
      const piece = await inTime(read(reader), heartbeatTimeoutMs)
      trip.good ||= Date.now() - openedAt > OPEN_LONG_MS
      if (piece === undefined) return { why: 'lost' }
      const batch = frames.read(piece)
      trip.retryMs = frames.retryMs ?? trip.retryMs
      if (batch.length === 0) continue
      let end: string | undefined
      for (const { value, id } of batch) {
        if (id !== undefined) trip.lastId = id
        if (value === undefined || isHeartbeat(value)) continue
        trip.good = true
        end = source.endOf(value) ?? end
      }
      yield batch
      if (end !== undefined) return { why: partingAt(end) }
    }
  } catch (error) {
    if (error instanceof ClientError || source.signal.aborted) throw error
    return { why: isHidden ? 'hidden' : 'lost', cause: error }
  } finally {
    clearTimeout(timer)
    shown()
    source.signal.removeEventListener('abort', leave)
    // Whoever leaves in the middle of a stream closes its connection.
    cut.abort()
  }
}

function partingAt(end: string): Parting['why'] {
  if (end === 'completed') return 'finished'
  return end === 'max-duration' ? 'rotated' : 'lost'
}

/** What an answer that is no stream says about coming back. */
async function partingOf(response: Response): Promise<Parting | undefined> {
  const { status, headers } = response
  if (status === 204) return { why: 'finished' }
  if (status >= 500 || TRY_AGAIN.has(status)) {
    return { why: 'lost', cause: await refusalOf(response), atLeastMs: retryAfterMs(headers) }
  }
  if (!response.ok) throw await refusalOf(response)
  if (!headers.get('content-type')?.startsWith('text/event-stream')) {
    throw new ProtocolError('Expected an event stream, got an answer of another type.')
  }
  return undefined
}

// A minute at most: what asks for more is a mistake or malice.
function retryAfterMs(headers: Headers): number {
  const seconds = Number(headers.get('retry-after') ?? 0)
  return seconds > 0 ? Math.min(seconds, 60) * 1000 : 0
}

async function read(
  reader: ReadableStreamDefaultReader<Uint8Array> | undefined,
): Promise<Uint8Array | undefined> {
  return (await reader?.read())?.value
}

function cursorHeader(id: string | undefined): Record<string, string> {
  return id === undefined || id === '' ? {} : { 'last-event-id': id }
}

/** The path with the id to begin after. */
export function withAfter({ path, after }: Pick<Source<never>, 'path' | 'after'>): string {
  if (after === undefined) return path
  return `${path}${path.includes('?') ? '&' : '?'}since=${encodeURIComponent(after)}`
}

function isHeartbeat<T>(value: T | Heartbeat): value is Heartbeat {
  return (value as { type?: unknown }).type === 'client.heartbeat'
}
