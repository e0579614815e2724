// More of it nobody waits for: what lags so far behind is no repetition.
const MAX_HEARD_CHARS = 16_384
const MAX_HEARD = 64
// A whole output is compared with what was told; more than this a field cannot hold.
const MAX_SAID_CHARS = 32_768

/** What one below has said and the node has not repeated. */
interface Heard {
  readonly speaker: object
  text: string
  /** Whether it may say more. */
  open: boolean
}

/**
 * Keeps one node from repeating what those below it have said. An agent that streams passes on what its model
 * streams, so that the same words come twice, from two spans. A reader of a conversation wants them once.
 *
 * What the node says is held against what was heard from below: a repetition is left out, and told after all if it
 * turns out to be something else.
 */
export class Echo {
  #heard: Heard[] = []
  /** Whom the node repeats at the moment, and what of it since it was last level with them. */
  #repeating: Heard | undefined
  #repeated = ''
  /** What the node said ahead of those below: chunks of two spans may overtake each other. */
  #ahead = ''
  #said = ''
  #streamed = false

  /**
   * One below is through.
   *
   * @returns what the node said meanwhile in its own words after all.
   */
  falls(speaker: object): string {
    const heard = this.#heard.find((each) => each.speaker === speaker)
    if (heard === undefined) return ''
    heard.open = false
    if (heard.text === '') this.#forget(heard)
    return this.#isLevel() ? '' : this.rest()
  }

  /**
   * One below said it.
   *
   * @returns what the node had said before in its own words after all; it belongs ahead of `text`.
   */
  hear(speaker: object, text: string): string {
    const ahead = this.#ahead
    const heard = this.#hearerOf(speaker)
    this.#keep(text)
    if (ahead !== '' && heard.text === '' && ahead.startsWith(text)) {
      this.#ahead = ahead.slice(text.length)
      return ''
    }
    if (heard.text === '' && text.startsWith(ahead)) {
      this.#ahead = ''
      heard.text = text.slice(ahead.length)
    } else heard.text += text
    if (heard.text.length > MAX_HEARD_CHARS) this.#forget(heard)
    return this.#isLevel() ? '' : this.rest()
  }

  /** The node itself says it. @returns what of it is not a repetition. */
  say(text: string): string {
    this.#streamed = true
    if (this.#ahead !== '') {
      this.#ahead += text
      return this.#ahead.length > MAX_HEARD_CHARS ? this.rest() : ''
    }
    let rest = text
    while (rest !== '') {
      const heard = this.#repeating ?? this.#heard.find((each) => fits(each.text, rest))
      if (heard === undefined) break
      if (!fits(heard.text, rest)) {
        rest = this.#repeated + rest
        this.#forget(heard)
        return this.#own(rest)
      }
      if (heard.text.length > rest.length) {
        this.#repeating = heard
        this.#repeated += rest
        heard.text = heard.text.slice(rest.length)
        return ''
      }
      rest = rest.slice(heard.text.length)
      this.#level(heard)
    }
    if (!this.#isLevel()) return this.#own(rest)
    this.#ahead = rest
    return ''
  }

  /** The node ends. @returns what it said in its own words after all. */
  rest(): string {
    const own = this.#ahead
    this.#ahead = ''
    return this.#own(own)
  }

  /**
   * Whether all of `text`, which the node returned, has been told, by the node or below it.
   *
   * @param cut - Whether the end of `text` is missing.
   */
  holds(text: string, cut: boolean): boolean {
    // What a stream returns is what it streamed.
    if (this.#streamed) return true
    return cut ? this.#said !== '' : this.#said.includes(text.trim())
  }

  /** One below returned it, and it has been told in pieces. */
  knows(text: string): void {
    this.#keep(text)
  }

  /** Whether the node has repeated all that one has said who may say more. */
  #isLevel(): boolean {
    return this.#heard.some(({ open, text }) => open && text === '')
  }

  #level(heard: Heard): void {
    heard.text = ''
    this.#repeating = undefined
    this.#repeated = ''
    if (!heard.open) this.#forget(heard)
  }

  #hearerOf(speaker: object): Heard {
    const known = this.#heard.find((each) => each.speaker === speaker)
    if (known !== undefined) return known
    const heard: Heard = { speaker, text: '', open: true }
    this.#heard.push(heard)
    const oldest = this.#heard[0]
    if (oldest !== undefined && this.#heard.length > MAX_HEARD) this.#forget(oldest)
    return heard
  }

  #forget(heard: Heard): void {
    this.#heard = this.#heard.filter((each) => each !== heard)
    if (this.#repeating !== heard) return
    this.#repeating = undefined
    this.#repeated = ''
  }

  #own(text: string): string {
    this.#keep(text)
    return text
  }

  #keep(text: string): void {
    this.#said += text
    if (this.#said.length > 2 * MAX_SAID_CHARS) this.#said = this.#said.slice(-MAX_SAID_CHARS)
  }
}

/** Whether one of two texts begins with the other; not so if there is nothing to begin with. */
function fits(heard: string, said: string): boolean {
  return heard !== '' && (heard.startsWith(said) || said.startsWith(heard))
}
