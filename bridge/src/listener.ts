import {
  createServer,
  type RequestListener,
  type Server,
  type ServerResponse,
  STATUS_CODES,
} from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Duplex } from 'node:stream'
import { BridgeError, type BridgeErrorCode } from './errors.ts'
import { problemOf } from './problem.ts'

export interface Listening {
  /** Where it answers, without a slash at the end. */
  readonly url: string
  readonly port: number
}

export interface ListenerOptions {
  readonly host: string
  /** Time for a request body to arrive, in milliseconds. */
  readonly bodyTimeoutMs: number
}

// Many readers come back at the same moment when a bridge has been restarted.
const BACKLOG = 4096
// Longer than a load balancer keeps an idle connection (60 s), else it uses one that we are closing.
const KEEP_ALIVE_MS = 75_000
const HEADERS_MS = 60_000
// The route answers a late body itself; this is for those that no route reads.
const BODY_MARGIN_MS = 10_000
const CHECK_MS = 5000
const SWEEP_MS = 20
const REFUSED_CODES: Readonly<Record<string, BridgeErrorCode>> = {
  HPE_HEADER_OVERFLOW: 'headers-too-large',
  ERR_HTTP_REQUEST_TIMEOUT: 'request-timeout',
}

/** The bridge's own HTTP server. */
export class Listener {
  readonly #server: Server
  readonly #host: string
  /** Requests that are not answered yet. */
  #busy = 0
  /** The answers that each connection has in the making. */
  readonly #answers = new WeakMap<Duplex, Set<ServerResponse>>()
  #opened: Promise<unknown> = Promise.resolve()
  #closed: Promise<void> | undefined

  constructor(handler: RequestListener, { host, bodyTimeoutMs }: ListenerOptions) {
    const requestTimeout = bodyTimeoutMs + BODY_MARGIN_MS
    this.#host = host
    this.#server = createServer(
      {
        keepAliveTimeout: KEEP_ALIVE_MS,
        requestTimeout,
        headersTimeout: Math.min(HEADERS_MS, requestTimeout),
        connectionsCheckingInterval: CHECK_MS,
      },
      (req, res) => {
        this.#busy++
        const answers = this.#answers.get(req.socket) ?? new Set()
        this.#answers.set(req.socket, answers.add(res))
        res.once('close', () => {
          this.#busy--
          answers.delete(res)
        })
        handler(req, res)
      },
    )
    this.#server.on('clientError', (error, socket) => {
      // In the midst of an answer, another one would be taken for a part of it.
      if ([...(this.#answers.get(socket) ?? [])].some((res) => res.headersSent)) socket.destroy()
      else refuse(error, socket)
    })
  }

  /**
   * @param port - 0 picks a free one.
   * @throws Error with the `code` of the system, such as `EADDRINUSE`, and words on what to do.
   */
  async open(port: number): Promise<Listening> {
    const opened = new Promise<void>((resolve, reject) => {
      this.#server.once('error', (error) => reject(explained(error, this.#host, port)))
      this.#server.listen({ host: this.#host, port, backlog: BACKLOG }, resolve)
    })
    this.#opened = opened.catch(() => {})
    await opened
    // Such as too many open files: those who connect wait, those who are here are served.
    this.#server.on('error', tellOperator)
    // A server that listens on a port has an address with one.
    const { address, family, port: bound } = this.#server.address() as AddressInfo
    return { url: `http://${reachable(address, family)}:${bound}`, port: bound }
  }

  /** Takes no more connections, and cuts those that are still busy after `waitMs`. */
  close(waitMs: number): Promise<void> {
    // One that is still looking up its host would begin to listen after its end.
    this.#closed ??= this.#opened.then(() => this.#close(waitMs))
    return this.#closed
  }

  #close(waitMs: number): Promise<void> {
    const server = this.#server
    const sweep = (): void => {
      // A connection that has not asked anything yet is not idle to Node, and browsers open such ones.
      if (this.#busy === 0) server.closeAllConnections()
      else server.closeIdleConnections()
    }
    return new Promise((resolve) => {
      const sweeping = setInterval(sweep, SWEEP_MS)
      const cut = setTimeout(() => server.closeAllConnections(), waitMs)
      server.close(() => {
        clearInterval(sweeping)
        clearTimeout(cut)
        resolve()
      })
      sweep()
    })
  }
}

function tellOperator(error: Error): void {
  process.emitWarning('The bridge could not accept a connection.', {
    type: 'SpancastWarning',
    code: 'SPANCAST_ACCEPT_FAILED',
    detail: error.message,
  })
}

/** The address as a URL can name it; one that means "all" is reached by that of this machine. */
function reachable(address: string, family: string): string {
  if (family !== 'IPv6') return address === '0.0.0.0' ? '127.0.0.1' : address
  return address === '::' ? '[::1]' : `[${address}]`
}

function explained(error: NodeJS.ErrnoException, host: string, port: number): Error {
  const where = `port ${port} of ${host}`
  const advice =
    error.code === 'EADDRINUSE'
      ? `Expected ${where} to be free, but it is in use, perhaps by another bridge. Stop that one, or choose another port with \`port\` or SPANCAST_PORT; 0 picks a free one.`
      : error.code === 'EACCES'
        ? `Expected to be allowed to listen on ${where}, but the system forbids it. Choose a port above 1023.`
        : `Expected to listen on ${where}, but the system refused: ${error.message}.`
  return Object.assign(new Error(advice, { cause: error }), { code: error.code })
}

/** Answers what is no request that a route could see. */
function refuse(error: NodeJS.ErrnoException, socket: Duplex): void {
  if (!socket.writable || error.code === 'ECONNRESET') {
    socket.destroy()
    return
  }
  const code = REFUSED_CODES[error.code ?? ''] ?? 'invalid-http'
  const problem = new BridgeError(code, 'Expected a whole and valid HTTP request.')
  const body = JSON.stringify(problemOf(problem))
  socket.end(
    `HTTP/1.1 ${problem.status} ${STATUS_CODES[problem.status]}\r\nConnection: close\r\n` +
      `Content-Type: application/problem+json\r\nContent-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
  )
}
