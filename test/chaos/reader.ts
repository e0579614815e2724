import { get, type IncomingMessage } from 'node:http'
import { pause, pick, type Random } from './random.ts'

export interface ReaderOptions {
  readonly randomId: string
  readonly events: number
  readonly urls: readonly string[]
  readonly random: Random
  /** How long it stays at one bridge, at most. */
  readonly stayMs: number
}

/** What one reader has been through. */
export interface ReaderReport {
  /** Whether it has come to the run's end. */
  readonly over: boolean
  readonly wrong: readonly string[]
  readonly connects: number
  /** How often it was told that everything begins anew. */
  readonly restarts: number
}

const LONGEST_CONNECT_MS = 60_000

interface Told {
  readonly type: string
  readonly seq?: number
  readonly content?: number
  readonly reason?: string
}

/** Reads one run to its end, moving from bridge to bridge, and finds out whether it was told everything once. */
export class Reader {
  readonly #options: ReaderOptions
  readonly #wrong: string[] = []
  #cursor = ''
  #seq = 0
  #content = 0
  #ended = false
  #connects = 0
  #restarts = 0
  #over = false

  constructor(options: ReaderOptions) {
    this.#options = options
  }

  get report(): ReaderReport {
    return {
      over: this.#over,
      wrong: this.#wrong,
      connects: this.#connects,
      restarts: this.#restarts,
    }
  }

  /** Where it is, for when it does not come to an end. */
  get place(): string {
    const { randomId } = this.#options
    return `${randomId} at ${this.#cursor || 'nothing'}, ${this.#connects} connects, ended ${this.#ended}`
  }

  async run(): Promise<ReaderReport> {
    const { urls, random } = this.#options
    for (let over = false; !over; ) {
      over = await this.#connect(pick(urls, random))
      if (!over) await pause(random() * 100)
    }
    this.#over = true
    if (this.#content !== this.#options.events) {
      this.#wrong.push(`ended after ${this.#content} of ${this.#options.events} events`)
    }
    return this.report
  }

  /** @returns whether the run is over for it. */
  #connect(url: string): Promise<boolean> {
    const { randomId, random, stayMs } = this.#options
    this.#connects++
    const headers = this.#cursor === '' ? {} : { 'Last-Event-ID': this.#cursor }
    return new Promise((resolve) => {
      const request = get(
        `${url}/api/agents/${randomId}/stream?wait=30`,
        { headers, agent: false },
        (response) => {
          if (response.statusCode === 204) resolve(true)
          else if (response.statusCode !== 200) resolve(false)
          else this.#read(response, resolve)
          if (response.statusCode !== 200) response.resume()
        },
      )
      request.on('error', () => resolve(false))
      request.on('close', () => resolve(false))
      // From its first byte on: on a machine that is busy, a reader must come to read at all.
      request.once('response', () => setTimeout(() => request.destroy(), 50 + random() * stayMs))
      setTimeout(() => request.destroy(), LONGEST_CONNECT_MS).unref()
    })
  }

  #read(response: IncomingMessage, resolve: (over: boolean) => void): void {
    let text = ''
    response.setEncoding('utf8')
    response.on('data', (part: string) => {
      text += part
      const frames = text.split('\n\n')
      text = frames.pop() ?? ''
      for (const frame of frames) if (this.#take(frame)) resolve(true)
    })
    response.on('error', () => resolve(false))
    response.on('close', () => resolve(false))
  }

  /** @returns whether it was the last one. */
  #take(frame: string): boolean {
    const data = /^data: (.*)$/m.exec(frame)?.[1]
    const id = /^id: (.*)$/m.exec(frame)?.[1]
    if (id !== undefined) this.#cursor = id
    if (data === undefined) return false
    const told = JSON.parse(data) as Told
    if (told.type === 'stream.gap') {
      if (told.reason !== 'restarted') this.#wrong.push(`was told of a gap: ${data}`)
      this.#restarts++
      this.#seq = 0
      this.#content = 0
      this.#ended = false
      return false
    }
    if (told.type === 'stream.end') return told.reason === 'completed'
    if (told.seq !== this.#seq + 1) this.#wrong.push(`got ${told.seq} after ${this.#seq}`)
    this.#seq = told.seq ?? this.#seq
    if (told.type === 'run.end') this.#ended = true
    if (told.type !== 'agent.event') return false
    if (told.content !== this.#content + 1) {
      this.#wrong.push(`got event ${told.content} after ${this.#content}`)
    }
    this.#content = told.content ?? this.#content
    return false
  }
}
