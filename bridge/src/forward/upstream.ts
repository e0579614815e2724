import {
  type ClientRequest,
  type ClientRequestArgs,
  Agent as HttpAgent,
  request as httpRequest,
} from 'node:http'
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https'
import { urlToHttpOptions } from 'node:url'
import type { Clock } from './clock.ts'
import type { ForwardRequest } from './forward-request.ts'
import { viaAfter } from './via.ts'

/** How an attempt ended. */
export type Answer =
  | { readonly kind: 'answered'; readonly status: number; readonly retryAfter: string | undefined }
  | { readonly kind: 'failed'; readonly reason: string }
  | { readonly kind: 'unsendable'; readonly reason: string }

export interface UpstreamOptions {
  readonly url: URL
  /** Sent along with each request. */
  readonly headers: Readonly<Record<string, string>>
  readonly instanceId: string
  /** Time without progress, and time for the answer once all was sent, in milliseconds. */
  readonly timeoutMs: number
  readonly maxSockets: number
  readonly clock: Clock
}

// The status is the answer; what follows is read only to use the connection again.
const MAX_ANSWER_BYTES = 64 * 1024
const USER_AGENT = 'spancast-bridge'

/** The OTLP endpoint behind the bridge, over connections that are kept open. */
export class Upstream {
  readonly #options: UpstreamOptions
  readonly #agent: HttpAgent
  readonly #request: typeof httpRequest
  readonly #open = new Set<ClientRequest>()
  readonly #basePath: string
  readonly #target: ClientRequestArgs

  constructor(options: UpstreamOptions) {
    const { url, maxSockets } = options
    const secure = url.protocol === 'https:'
    this.#options = options
    this.#target = urlToHttpOptions(url)
    this.#basePath = url.pathname.replace(/\/+$/, '')
    this.#agent = new (secure ? HttpsAgent : HttpAgent)({ keepAlive: true, maxSockets })
    this.#request = secure ? httpsRequest : httpRequest
  }

  /** Sends a request once, or a second time where a kept connection was closed under it. Never rejects. */
  send(request: ForwardRequest): Promise<Answer> {
    return new Promise((resolve) => this.#attempt(request, true, resolve))
  }

  /** Cuts what is in flight: it ends as `failed`. */
  close(): void {
    for (const outgoing of this.#open) outgoing.destroy(new Error('closing'))
    this.#agent.destroy()
  }

  #attempt(request: ForwardRequest, mayRepeat: boolean, resolve: (answer: Answer) => void): void {
    const { timeoutMs, clock } = this.#options
    let outgoing: ClientRequest
    try {
      outgoing = this.#request({
        ...this.#target,
        path: this.#basePath + request.path,
        method: 'POST',
        headers: this.#headersFor(request),
        agent: this.#agent,
        timeout: timeoutMs,
      })
    } catch (error) {
      resolve({ kind: 'unsendable', reason: reasonOf(error) })
      return
    }
    this.#open.add(outgoing)
    let answer: Answer | undefined
    let failure: unknown
    let stopWaiting = (): void => {}
    const late = (): void => {
      outgoing.destroy(new Error(`no answer within ${timeoutMs} ms`))
    }
    outgoing.on('timeout', late)
    outgoing.on('finish', () => {
      if (this.#open.has(outgoing)) stopWaiting = clock.after(timeoutMs, late, false)
    })
    outgoing.on('response', (response) => {
      const { statusCode = 0, headers } = response
      answer = { kind: 'answered', status: statusCode, retryAfter: headers['retry-after'] }
      let bytes = 0
      response.on('data', (chunk: Buffer) => {
        bytes += chunk.length
        if (bytes > MAX_ANSWER_BYTES) outgoing.destroy()
      })
      response.on('end', () => {
        // An upstream that answers without reading on would keep the connection busy.
        if (!outgoing.writableFinished) outgoing.destroy()
      })
      response.on('error', () => {})
    })
    outgoing.on('error', (error) => {
      failure = error
    })
    outgoing.on('close', () => {
      stopWaiting()
      this.#open.delete(outgoing)
      if (answer !== undefined) resolve(answer)
      else if (mayRepeat && outgoing.reusedSocket && isReset(failure)) {
        this.#attempt(request, false, resolve)
      } else resolve({ kind: 'failed', reason: reasonOf(failure) })
    })
    outgoing.end(request.body)
  }

  #headersFor({ body, contentType, contentEncoding, via }: ForwardRequest): Record<string, string> {
    return {
      'user-agent': USER_AGENT,
      ...this.#options.headers,
      'content-type': contentType,
      ...(contentEncoding === undefined ? {} : { 'content-encoding': contentEncoding }),
      'content-length': String(body.length),
      via: viaAfter(via, this.#options.instanceId),
    }
  }
}

/** A connection that the other side closed while it lay idle, which is no sign of trouble. */
function isReset(error: unknown): boolean {
  const { code } = (error ?? {}) as { readonly code?: unknown }
  return code === 'ECONNRESET' || code === 'EPIPE'
}

function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return 'the connection was closed'
  // What several addresses answered, one error each, has no message of its own.
  const { code } = error as NodeJS.ErrnoException
  return error.message || code || error.name
}
