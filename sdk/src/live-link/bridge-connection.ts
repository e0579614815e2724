import {
  type ClientRequest,
  Agent as HttpAgent,
  request as httpRequest,
  type IncomingMessage,
} from 'node:http'
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https'
import type { Socket } from 'node:net'
import { promisify } from 'node:util'
import { constants, gzip } from 'node:zlib'
import { retryAfterMs } from './backoff.ts'

/** How a bridge took a request. `reason` is for people. */
export type Answer =
  | { readonly kind: 'taken'; readonly instance: string | undefined }
  | {
      readonly kind: 'later'
      readonly instance: string | undefined
      /** What `Retry-After` asked for. */
      readonly afterMs: number | undefined
      readonly reason: string
    }
  | { readonly kind: 'refused'; readonly instance: string | undefined; readonly reason: string }
  | {
      readonly kind: 'unreachable'
      /** Whether only an idle connection was found closed, which says nothing of the bridge. */
      readonly stale: boolean
      readonly reason: string
    }

const ANSWER_MS = 10_000
// Nothing in an answer's body matters; a connection whose answer is longer is not worth keeping.
const MAX_ANSWER_BYTES = 64 * 1024
const ZIPPED_FROM_BYTES = 8 * 1024
const RETRYABLE: ReadonlySet<number> = new Set([429, 502, 503, 504])
const LOOPBACK = /^(localhost|127\.\d+\.\d+\.\d+|\[::1\])$/
const zip = promisify(gzip)

/**
 * One kept connection to a bridge. It does not keep the process alive, but while it is held.
 *
 * `node:http` and no `fetch`: an event is there in half the time.
 */
export class BridgeConnection {
  readonly #url: URL
  readonly #headers: Readonly<Record<string, string>>
  readonly #agent: HttpAgent
  readonly #zips: boolean
  #socket: Socket | undefined
  #holds = 0

  /** @param token - Goes out as a bearer token. */
  constructor(url: URL, token: string | undefined) {
    this.#url = url
    this.#headers = {
      'content-type': 'application/json',
      ...(token !== undefined && { authorization: `Bearer ${token}` }),
    }
    const options = { keepAlive: true, maxSockets: 1 }
    this.#agent = url.protocol === 'https:' ? new HttpsAgent(options) : new HttpAgent(options)
    // It takes 10 us a KiB and leaves a seventh: no gain where bytes do not leave the machine.
    this.#zips = !LOOPBACK.test(url.hostname)
  }

  /** Whether the next request finds a connection that the last one has left open. */
  get connected(): boolean {
    return this.#socket !== undefined && !this.#socket.destroyed
  }

  /** Keeps the process alive while a request is under way, until the returned function is called. */
  hold(): () => void {
    this.#holds++
    this.#socket?.ref()
    return () => {
      this.#holds--
      if (this.#holds === 0) this.#socket?.unref()
    }
  }

  /** Sends OTLP logs, as JSON. One at a time. Never rejects. */
  async post(body: string): Promise<Answer> {
    const zips = this.#zips && body.length >= ZIPPED_FROM_BYTES
    const bytes = zips ? await zip(body, { level: constants.Z_BEST_SPEED }) : Buffer.from(body)
    return await new Promise((resolve) => this.#request(bytes, zips, resolve))
  }

  close(): void {
    this.#agent.destroy()
  }

  #request(bytes: Buffer, zipped: boolean, resolve: (answer: Answer) => void): void {
    const open = this.#url.protocol === 'https:' ? httpsRequest : httpRequest
    const request = open(this.#url, {
      method: 'POST',
      agent: this.#agent,
      headers: {
        ...this.#headers,
        'content-length': bytes.length,
        ...(zipped && { 'content-encoding': 'gzip' }),
      },
    })
    const timer = setTimeout(
      () => request.destroy(new Error(`no answer within ${ANSWER_MS / 1000} s`)),
      ANSWER_MS,
    )
    timer.unref?.()
    const settle = (answer: Answer): void => {
      clearTimeout(timer)
      resolve(answer)
    }
    request.on('socket', (socket) => this.#attach(socket))
    request.on('error', (error) => settle(unreachable(request, error)))
    request.on('response', (response) => readAnswer(response, settle))
    request.on('close', () => settle(unreachable(request, new Error('connection closed'))))
    request.end(bytes)
  }

  #attach(socket: Socket): void {
    this.#socket = socket
    if (this.#holds > 0) socket.ref()
    else socket.unref()
  }
}

function unreachable(request: ClientRequest, error: Error): Answer {
  const { code } = error as { code?: unknown }
  const reason = typeof code === 'string' ? code : error.message
  const stale = request.reusedSocket && (code === 'ECONNRESET' || code === 'EPIPE')
  return { kind: 'unreachable', stale, reason }
}

function readAnswer(response: IncomingMessage, settle: (answer: Answer) => void): void {
  let bytes = 0
  response.on('data', (chunk: Buffer) => {
    bytes += chunk.length
    if (bytes > MAX_ANSWER_BYTES) response.destroy()
  })
  // An answer that breaks off has said how the request went all the same.
  response.on('error', () => {})
  response.on('close', () => settle(answerOf(response)))
  response.on('end', () => settle(answerOf(response)))
}

function answerOf({ statusCode = 0, headers }: IncomingMessage): Answer {
  const named = headers['spancast-instance']
  const instance = typeof named === 'string' && named !== '' ? named : undefined
  const reason = `status ${statusCode}`
  if (statusCode >= 200 && statusCode < 300) return { kind: 'taken', instance }
  if (!RETRYABLE.has(statusCode)) return { kind: 'refused', instance, reason }
  const afterMs = retryAfterMs(headers['retry-after'], Date.now())
  return { kind: 'later', instance, afterMs, reason }
}
