import {
  createServer,
  type IncomingHttpHeaders,
  type IncomingMessage,
  type Server,
  type ServerResponse,
} from 'node:http'
import type { AddressInfo } from 'node:net'
import { gunzipSync } from 'node:zlib'
import type { AgentEvent } from '../../event/agent-event.ts'

/** A log record as it came. */
export interface Received {
  readonly eventName: string
  readonly timeUnixNano: string
  readonly severityNumber: number
  readonly traceId?: string
  readonly spanId?: string
  readonly attributes: Readonly<Record<string, unknown>>
  readonly number: number
  readonly event: AgentEvent | undefined
}

export interface ReceivedRequest {
  readonly url: string
  readonly headers: IncomingHttpHeaders
  readonly body: string
  readonly records: readonly Received[]
}

/** Answers a request. The answer without it: 200, with the bridge's name. */
export type Answering = (response: ServerResponse, request: ReceivedRequest) => void

/** A real HTTP server in place of a bridge: keeps what came, and answers as a test wants. */
export class BridgeStandIn {
  readonly requests: ReceivedRequest[] = []
  /** How the requests to come are answered. */
  answering: Answering = (response) => this.accept(response)
  instance = 'bridge-1'
  readonly #server: Server
  #waiters: (() => void)[] = []
  #port = 0

  constructor() {
    this.#server = createServer((request, response) => void this.#take(request, response))
    this.#server.keepAliveTimeout = 0
  }

  static async open(): Promise<BridgeStandIn> {
    const bridge = new BridgeStandIn()
    await bridge.listen()
    return bridge
  }

  get base(): string {
    return `http://127.0.0.1:${this.#port}`
  }

  get url(): URL {
    return new URL('/v1/logs', this.base)
  }

  /** Records of all requests. */
  get records(): Received[] {
    return this.requests.flatMap((request) => request.records)
  }

  /** Starts to listen, on the port that it had before. */
  async listen(): Promise<void> {
    await new Promise<void>((resolve) => this.#server.listen(this.#port, '127.0.0.1', resolve))
    this.#port = (this.#server.address() as AddressInfo).port
  }

  /** Breaks all connections and stops to listen. */
  async close(): Promise<void> {
    const closed = new Promise((resolve) => this.#server.close(resolve))
    this.#server.closeAllConnections()
    await closed
  }

  accept(response: ServerResponse, status = 200): void {
    response.writeHead(status, {
      'content-type': 'application/json',
      'spancast-instance': this.instance,
    })
    response.end('{}')
  }

  /** Waits until that holds of what came. */
  async until(holds: () => boolean): Promise<void> {
    while (!holds()) await new Promise<void>((resolve) => this.#waiters.push(resolve))
  }

  async requested(count: number): Promise<ReceivedRequest> {
    await this.until(() => this.requests.length >= count)
    const request = this.requests[count - 1]
    if (request === undefined) throw new Error(`no request ${count}`)
    return request
  }

  async recorded(count: number): Promise<Received[]> {
    await this.until(() => this.records.length >= count)
    return this.records
  }

  async #take(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = []
    for await (const chunk of request) chunks.push(chunk as Buffer)
    const bytes = Buffer.concat(chunks)
    const zipped = request.headers['content-encoding'] === 'gzip'
    const body = (zipped ? gunzipSync(bytes) : bytes).toString()
    const received = {
      url: request.url ?? '',
      headers: request.headers,
      body,
      records: recordsIn(body),
    }
    this.requests.push(received)
    this.answering(response, received)
    const waiters = this.#waiters
    this.#waiters = []
    for (const waiter of waiters) waiter()
  }
}

interface Attribute {
  readonly key: string
  readonly value: { readonly stringValue?: string; readonly intValue?: string }
}

function recordsIn(body: string): Received[] {
  const { resourceLogs = [] } = JSON.parse(body) as {
    resourceLogs?: {
      scopeLogs: { logRecords: (Omit<Received, 'attributes'> & { attributes: Attribute[] })[] }[]
    }[]
  }
  return resourceLogs
    .flatMap(({ scopeLogs }) => scopeLogs)
    .flatMap(({ logRecords }) => logRecords)
    .map((record) => {
      const attributes: Record<string, unknown> = {}
      for (const { key, value } of record.attributes) {
        attributes[key] = value.stringValue ?? Number(value.intValue)
      }
      const json = attributes['spancast.event']
      return {
        ...record,
        attributes,
        number: Number(attributes['spancast.source.seq']),
        event: typeof json === 'string' ? (JSON.parse(json) as AgentEvent) : undefined,
      }
    })
}
