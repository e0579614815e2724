import { ProtocolError } from '../errors.ts'

export interface SseHandlers {
  /** A message. `id` is the last one that the stream gave, in this message or before. */
  message(data: string, id: string | undefined, event: string): void
  /** The id moved without a message. */
  cursor(id: string): void
  comment(text: string): void
  /** How long to wait before the next try, in milliseconds. */
  retry(ms: number): void
}

const LINE_END = /\r\n?|\n/g

/** Reads an event stream as the HTML standard has it, from text that comes in pieces cut anywhere. */
export class SseParser {
  readonly #handlers: SseHandlers
  readonly #maxChars: number
  #rest = ''
  #afterCr = false
  #data: string | undefined
  #event = ''
  #id: string | undefined
  #moved = false

  /** @param maxChars - Of one message; a longer one is a ProtocolError. */
  constructor(handlers: SseHandlers, maxChars: number) {
    this.#handlers = handlers
    this.#maxChars = maxChars
  }

  push(text: string): void {
    if (text === '') return
    // A line may end in CR LF with the pieces cut between the two.
    let from = this.#afterCr && text.startsWith('\n') ? 1 : 0
    this.#afterCr = text.endsWith('\r')
    LINE_END.lastIndex = from
    for (let end = LINE_END.exec(text); end !== null; end = LINE_END.exec(text)) {
      const line = this.#rest + text.slice(from, end.index)
      this.#rest = ''
      from = LINE_END.lastIndex
      this.#line(line)
      // A handler may have parsed something else meanwhile.
      LINE_END.lastIndex = from
    }
    this.#rest += text.slice(from)
    this.#bound(this.#rest)
  }

  #line(line: string): void {
    if (line === '') this.#dispatch()
    else if (line.startsWith(':')) this.#handlers.comment(line.slice(line[1] === ' ' ? 2 : 1))
    else {
      const colon = line.indexOf(':')
      if (colon === -1) this.#field(line, '')
      else this.#field(line.slice(0, colon), line.slice(colon + (line[colon + 1] === ' ' ? 2 : 1)))
    }
  }

  #field(name: string, value: string): void {
    if (name === 'data') {
      this.#bound(value)
      this.#data = this.#data === undefined ? value : `${this.#data}\n${value}`
    } else if (name === 'event') this.#event = value
    else if (name === 'id' && !value.includes('\0')) {
      this.#id = value
      this.#moved = true
    } else if (name === 'retry' && /^[0-9]+$/.test(value)) this.#handlers.retry(Number(value))
  }

  #dispatch(): void {
    const data = this.#data
    const event = this.#event
    const id = this.#id
    const moved = this.#moved
    this.#data = undefined
    this.#event = ''
    this.#moved = false
    if (data !== undefined) this.#handlers.message(data, id, event)
    else if (moved && id !== undefined) this.#handlers.cursor(id)
  }

  #bound(more: string): void {
    if (more.length + (this.#data?.length ?? 0) <= this.#maxChars) return
    throw new ProtocolError(
      `Expected messages of ${this.#maxChars} characters at most, got one that is longer.`,
    )
  }
}
