import { connect, type Socket } from 'node:net'
import { StreamParser } from './parse-stream.ts'

export interface RawReaderOptions {
  readonly headers?: Readonly<Record<string, string>>
  readonly version?: '1.0' | '1.1'
  readonly method?: string
}

/** Reads a stream from the bare socket, as `curl -N` does. */
export class RawReader {
  readonly socket: Socket
  readonly parser: StreamParser = new StreamParser()
  /** The status line and the headers, once they have come. */
  head = ''
  /** The body's bytes, as they came. */
  body = ''
  /** Whether the connection is over. */
  closed = false
  readonly #wakes = new Set<() => void>()

  constructor(port: number, path: string, options: RawReaderOptions = {}) {
    this.socket = connect(port, '127.0.0.1')
    const { version = '1.1', method = 'GET', headers = {} } = options
    const lines = Object.entries({ Host: `127.0.0.1:${port}`, ...headers })
    const fields = lines.map(([name, value]) => `${name}: ${value}\r\n`).join('')
    this.socket.write(`${method} ${path} HTTP/${version}\r\n${fields}\r\n`)
    this.socket.on('data', (bytes) => this.#read(bytes.toString('latin1')))
    // How a reset shows at the other end differs between systems.
    this.socket.on('error', () => {})
    this.socket.on('close', () => {
      this.closed = true
      this.#wake()
    })
  }

  get status(): number {
    return Number(this.head.split(' ')[1])
  }

  /** What came as `data:`, read as JSON. */
  get records(): Received[] {
    return this.parser.messages.map(({ data }) => JSON.parse(data))
  }

  /** The numbers of the events that came. */
  get seqs(): (number | undefined)[] {
    return this.records.filter(({ type }) => !type?.startsWith('stream.')).map(({ seq }) => seq)
  }

  get types(): (string | undefined)[] {
    return this.records.map(({ type }) => type)
  }

  header(name: string): string | undefined {
    const found = new RegExp(`^${name}: (.*)$`, 'im').exec(this.head)
    return found?.[1]?.trim()
  }

  /** Resolves as soon as the condition holds; looks again whenever something arrives. */
  until(condition: () => boolean): Promise<this> {
    return new Promise((resolve, reject) => {
      const look = (): void => {
        if (condition()) {
          this.#wakes.delete(look)
          resolve(this)
        } else if (this.closed) {
          this.#wakes.delete(look)
          reject(new Error(`The stream closed before its time: ${this.head}${this.body}`))
        }
      }
      this.#wakes.add(look)
      look()
    })
  }

  /** Resolves when at least so many events and records have come. */
  got(count: number): Promise<this> {
    return this.until(() => this.parser.messages.length >= count)
  }

  begun(): Promise<this> {
    return this.until(() => this.head !== '')
  }

  /** Resolves when the other side has closed. */
  over(): Promise<this> {
    return this.until(() => this.closed)
  }

  leave(): void {
    this.socket.destroy()
  }

  #read(text: string): void {
    if (this.head !== '') this.#take(text)
    else {
      this.body += text
      const end = this.body.indexOf('\r\n\r\n')
      if (end >= 0) {
        const rest = this.body.slice(end + 4)
        this.head = this.body.slice(0, end).replaceAll('\r\n', '\n')
        this.body = ''
        this.#take(rest)
      }
    }
    this.#wake()
  }

  #take(text: string): void {
    this.body += text
    this.parser.push(text)
  }

  #wake(): void {
    for (const look of [...this.#wakes]) look()
  }
}

/** The fields of events, records and summaries that tests look at. */
export interface Received {
  readonly type?: string
  readonly seq?: number
  readonly reason?: string
  readonly from?: number
  readonly to?: number
  readonly lastSeq?: number
  readonly randomId?: string
  readonly status?: string
  readonly content?: unknown
}
