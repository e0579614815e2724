import { connect, createServer, type Server, type Socket } from 'node:net'

interface Line {
  readonly client: Socket
  readonly server: Socket
  /** What the client has said, in lower case. */
  said: string
  /** What the server has answered while it was held back. */
  held: Buffer[] | undefined
}

/** Stands before a server, and holds back what it answers for as long as a test wants: all of it then comes at once. */
export class HoldingProxy {
  readonly #lines = new Set<Line>()
  readonly #server: Server

  private constructor(port: number) {
    this.#server = createServer((client) => this.#join(client, port))
  }

  /** @param port - Where the server listens, on this machine. */
  static async open(port: number): Promise<HoldingProxy> {
    const proxy = new HoldingProxy(port)
    await new Promise<void>((resolve) => proxy.#server.listen(0, '127.0.0.1', resolve))
    return proxy
  }

  get port(): number {
    const address = this.#server.address()
    if (address === null || typeof address === 'string') throw new Error('It does not listen.')
    return address.port
  }

  /**
   * Holds back what is answered on connections on which `word` was said.
   *
   * @returns the function that lets it through in one piece; given a number of bytes, so many of it.
   */
  hold(word: string): (bytes?: number) => void {
    const lines = [...this.#lines].filter(({ said }) => said.includes(word.toLowerCase()))
    if (lines.length === 0) throw new Error(`Nobody has said ${word}.`)
    for (const line of lines) line.held = []
    return (bytes) => {
      for (const line of lines) {
        const held = Buffer.concat(line.held ?? [])
        line.client.write(held.subarray(0, bytes))
        line.held = bytes === undefined ? undefined : [held.subarray(bytes)]
      }
    }
  }

  async close(): Promise<void> {
    for (const { client, server } of this.#lines) for (const end of [client, server]) end.destroy()
    await new Promise((resolve) => this.#server.close(resolve))
  }

  #join(client: Socket, port: number): void {
    const line: Line = { client, server: connect(port, '127.0.0.1'), said: '', held: undefined }
    const { server } = line
    this.#lines.add(line)
    client.on('data', (data) => {
      line.said = (line.said + data.toString('latin1').toLowerCase()).slice(-100_000)
      server.write(data)
    })
    server.on('data', (data) => {
      if (line.held === undefined) client.write(data)
      else line.held.push(data)
    })
    for (const [end, other] of [
      [client, server],
      [server, client],
    ] as const) {
      end.on('error', () => {})
      end.on('close', () => {
        other.destroy()
        this.#lines.delete(line)
      })
    }
  }
}
