/** One message as an `EventSource` would dispatch it; `id` is its cursor at that moment. */
export interface Message {
  readonly id: string
  readonly event: string
  readonly data: string
}

/** Reads a stream by the letter of the WHATWG rules. An unfinished last message is dropped, as they say. */
export class StreamParser {
  readonly messages: Message[] = []
  readonly comments: string[] = []
  readonly retries: number[] = []
  /** What a reconnect would send as `Last-Event-ID`. */
  cursor = ''
  #rest = ''
  #id = ''
  #event = ''
  #data: string[] = []

  push(text: string): void {
    const lines = (this.#rest + text).split(/\r\n|\r(?!$)|\n/)
    this.#rest = lines.pop() ?? ''
    for (const line of lines) this.#line(line)
  }

  #line(line: string): void {
    if (line === '') {
      this.#dispatch()
      return
    }
    const colon = line.indexOf(':')
    if (colon === 0) {
      this.comments.push(line.slice(1).trim())
      return
    }
    const field = colon < 0 ? line : line.slice(0, colon)
    const value = colon < 0 ? '' : line.slice(colon + 1).replace(/^ /, '')
    if (field === 'data') this.#data.push(value)
    else if (field === 'event') this.#event = value
    else if (field === 'id' && !value.includes('\0')) this.#id = value
    else if (field === 'retry' && /^[0-9]+$/.test(value)) this.retries.push(Number(value))
  }

  #dispatch(): void {
    this.cursor = this.#id
    if (this.#data.length > 0) {
      const event = this.#event === '' ? 'message' : this.#event
      this.messages.push({ id: this.cursor, event, data: this.#data.join('\n') })
    }
    this.#data = []
    this.#event = ''
  }
}

/** All messages of a whole stream. */
export function parseStream(text: string): Message[] {
  const parser = new StreamParser()
  parser.push(text)
  return parser.messages
}
