import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net'

/** A line to a bridge that can be slow: what is sent to it waits until it is let go. */
export class Line {
  readonly #server: Server
  readonly #sockets = new Set<Socket>()
  #held: (() => void)[] | undefined
  #told = ''
  #seen: { readonly text: string; readonly call: () => void } | undefined

  private constructor(to: URL, isSlow: boolean) {
    this.#held = isSlow ? [] : undefined
    this.#server = createServer((from) => {
      const bridge = connect(Number(to.port), to.hostname)
      for (const socket of [from, bridge]) {
        this.#sockets.add(socket)
        socket.on('error', () => {})
        socket.on('close', () => {
          from.destroy()
          bridge.destroy()
        })
      }
      bridge.pipe(from)
      from.on('data', (bytes) => this.#pass(() => this.#forward(bridge, bytes)))
    })
  }

  static async open(to: string, isSlow: boolean): Promise<Line> {
    const line = new Line(new URL(to), isSlow)
    line.#server.listen(0, '127.0.0.1')
    await once(line.#server, 'listening')
    return line
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`
  }

  /** Resolves when this text was sent, and has gone on to the bridge. */
  sent(text: string): Promise<void> {
    return new Promise((call) => {
      this.#seen = { text, call }
    })
  }

  /** Lets go what waits, and all that follows. */
  release(): void {
    const held = this.#held ?? []
    this.#held = undefined
    for (const pass of held) pass()
  }

  close(): void {
    for (const socket of this.#sockets) socket.destroy()
    this.#server.close()
  }

  #pass(forward: () => void): void {
    if (this.#held === undefined) forward()
    else this.#held.push(forward)
  }

  #forward(bridge: Socket, bytes: Buffer): void {
    this.#told += bytes.toString('latin1')
    const seen = this.#seen
    bridge.write(bytes, () => {
      if (seen !== undefined && this.#told.includes(seen.text)) seen.call()
    })
  }
}
