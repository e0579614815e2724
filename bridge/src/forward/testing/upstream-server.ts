import { once } from 'node:events'
import {
  createServer,
  type IncomingHttpHeaders,
  type IncomingMessage,
  type Server,
  type ServerResponse,
} from 'node:http'
import type { AddressInfo } from 'node:net'

export interface Received {
  readonly path: string
  readonly headers: IncomingHttpHeaders
  readonly body: Buffer
}

/** Answers one request; `nth` counts from 1. */
export type AnswerTo = (res: ServerResponse, request: Received, nth: number) => void

/** An upstream over a real port, which answers as it is told. */
export class UpstreamServer {
  /** All requests that came whole, whatever was answered. */
  readonly received: Received[] = []
  /** How the next requests are answered. Default: 200. */
  answer: AnswerTo = (res) => res.end()
  /** Called before the body is read; may answer without reading it. */
  onHead: ((req: IncomingMessage, res: ServerResponse) => void) | undefined
  connections = 0
  readonly #watchers = new Set<() => void>()
  readonly #server: Server
  #port = 0

  private constructor() {
    this.#server = createServer((req, res) => {
      if (this.onHead !== undefined) this.onHead(req, res)
      else void this.#take(req, res)
    })
    this.#server.on('connection', (socket) => {
      this.connections++
      socket.on('error', () => {})
    })
  }

  static async open(): Promise<UpstreamServer> {
    const upstream = new UpstreamServer()
    await upstream.start()
    return upstream
  }

  get url(): string {
    return `http://127.0.0.1:${this.#port}`
  }

  get bodies(): string[] {
    return this.received.map(({ body }) => body.toString())
  }

  /** Listens, again on the same port. */
  async start(): Promise<void> {
    this.#server.listen(this.#port, '127.0.0.1')
    await once(this.#server, 'listening')
    this.#port = (this.#server.address() as AddressInfo).port
  }

  /** Goes away, and cuts all connections. */
  async stop(): Promise<void> {
    if (!this.#server.listening) return
    const closed = once(this.#server, 'close')
    this.#server.close()
    this.#server.closeAllConnections()
    await closed
  }

  /** Closes connections that no request is using. */
  dropIdle(): void {
    this.#server.closeIdleConnections()
  }

  /** Resolves as soon as `condition` holds; it is looked at when a request has come. */
  until(condition: () => boolean): Promise<void> {
    return new Promise((resolve) => {
      const watch = (): void => {
        if (!condition()) return
        this.#watchers.delete(watch)
        resolve()
      }
      this.#watchers.add(watch)
      watch()
    })
  }

  /** Resolves when so many requests have come. */
  untilReceived(count: number): Promise<void> {
    return this.until(() => this.received.length >= count)
  }

  async #take(req: IncomingMessage, res: ServerResponse): Promise<void> {
    const chunks: Buffer[] = []
    try {
      for await (const chunk of req) chunks.push(chunk)
    } catch {
      return
    }
    const received = { path: req.url ?? '', headers: req.headers, body: Buffer.concat(chunks) }
    this.received.push(received)
    this.answer(res, received, this.received.length)
    for (const watch of this.#watchers) watch()
  }
}
