import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { AgentEvent, ControlRecord } from '../../event/agent-event.ts'

/** One request to a scripted bridge, to be answered by the test. */
export class Exchange {
  readonly req: IncomingMessage
  readonly res: ServerResponse
  /** Resolves when the connection is gone. */
  readonly closed: Promise<void>

  constructor(req: IncomingMessage, res: ServerResponse) {
    this.req = req
    this.res = res
    this.closed = new Promise((resolve) => res.on('close', () => resolve()))
  }

  get lastEventId(): string | undefined {
    return this.req.headers['last-event-id'] as string | undefined
  }

  /** Begins a stream, with these events. */
  stream(...events: readonly AgentEvent[]): this {
    this.res.writeHead(200, { 'content-type': 'text/event-stream; charset=utf-8' })
    this.res.write('retry: 1\n\n')
    return this.send(...events)
  }

  send(...events: readonly AgentEvent[]): this {
    for (const event of events) {
      this.res.write(`id: ep.${event.seq}\ndata: ${JSON.stringify(event)}\n\n`)
    }
    return this
  }

  control(record: ControlRecord, id?: string): this {
    this.res.write(`${id === undefined ? '' : `id: ${id}\n`}data: ${JSON.stringify(record)}\n\n`)
    return this
  }

  /** Ends the stream as a bridge does. */
  end(reason: Extract<ControlRecord, { type: 'stream.end' }>['reason'], lastSeq = 0): void {
    this.control({ type: 'stream.end', reason, lastSeq })
    this.res.end()
  }

  /** Answers with a problem. */
  refuse(status: number, code: string, headers: Record<string, string> = {}): void {
    this.res.writeHead(status, { 'content-type': 'application/problem+json', ...headers })
    this.res.end(JSON.stringify({ code, detail: `Refused with ${code}.`, status }))
  }
}

/** A server that speaks as the test tells it to, request by request. */
export class ScriptedBridge {
  readonly url: string
  /** Requests so far. */
  count = 0
  readonly #server: Server
  readonly #waiting: Exchange[] = []
  readonly #takers: ((exchange: Exchange) => void)[] = []

  private constructor(server: Server) {
    this.#server = server
    // Bound by then.
    this.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
    server.on('request', (req, res) => {
      this.count++
      const exchange = new Exchange(req, res)
      const taker = this.#takers.shift()
      if (taker === undefined) this.#waiting.push(exchange)
      else taker(exchange)
    })
  }

  static async open(): Promise<ScriptedBridge> {
    const server = createServer()
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    return new ScriptedBridge(server)
  }

  /** The next request that nobody has answered. */
  next(): Promise<Exchange> {
    const waiting = this.#waiting.shift()
    return waiting ? Promise.resolve(waiting) : new Promise((resolve) => this.#takers.push(resolve))
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections()
    await new Promise((resolve) => this.#server.close(resolve))
  }
}
