// More of it nobody waits for: what lags so far behind is no repetition.
const MAX_HEARD_CHARS = 16_384
// A whole output is compared with what was told; more than this a field cannot hold.
const MAX_SAID_CHARS = 32_768

/**
 * Keeps one node from repeating what those below it have said. An agent that streams passes on what its model
 * streams, so that the same words come twice, from two spans. A reader of a conversation wants them once.
 *
 * What the node says is held against what was heard from below, in order: a repetition is left out, and told after
 * all if it turns out to be something else.
 */
export class Echo {
  /** What was heard from below and not repeated. */
  #heard = ''
  /** What was repeated of it since the node was last level with it. */
  #repeated = ''
  /** What the node said ahead of those below: chunks of two spans may overtake each other. */
  #ahead = ''
  #said = ''
  #speaking = 0

  /** One more below has begun to speak. */
  speaks(): void {
    this.#speaking++
  }

  /**
   * One below is through.
   *
   * @returns what the node said meanwhile in its own words after all.
   */
  falls(): string {
    this.#speaking = Math.max(0, this.#speaking - 1)
    return this.#speaking === 0 ? this.#own('') : ''
  }

  /**
   * One below said it.
   *
   * @returns what the node had said before in its own words after all; it belongs ahead of `text`.
   */
  hear(text: string): string {
    const ahead = this.#ahead
    this.#keep(text)
    if (ahead.startsWith(text)) {
      this.#ahead = ahead.slice(text.length)
      return ''
    }
    if (text.startsWith(ahead)) {
      this.#ahead = ''
      this.#hear(text.slice(ahead.length))
      return ''
    }
    this.#hear(text)
    return this.#own('')
  }

  /** The node itself says it. @returns what of it is not a repetition. */
  say(text: string): string {
    if (this.#ahead !== '') {
      this.#ahead += text
      return this.#ahead.length > MAX_HEARD_CHARS ? this.#own('') : ''
    }
    const heard = this.#heard
    if (heard !== '' && heard.startsWith(text)) {
      this.#heard = heard.slice(text.length)
      this.#repeated = this.#heard === '' ? '' : this.#repeated + text
      return ''
    }
    if (text.startsWith(heard)) {
      const rest = text.slice(heard.length)
      this.#heard = ''
      this.#repeated = ''
      if (this.#speaking === 0) return this.#own(rest)
      this.#ahead = rest
      return ''
    }
    const own = this.#repeated + text
    this.#heard = ''
    this.#repeated = ''
    return this.#own(own)
  }

  /** The node ends. @returns what it said in its own words after all. */
  rest(): string {
    return this.#own('')
  }

  /** Whether all of `text` has been told, by the node or below it. @param cut - Whether the end of `text` is missing. */
  holds(text: string, cut: boolean): boolean {
    return cut ? this.#said !== '' : this.#said.includes(text.trim())
  }

  #own(text: string): string {
    const own = this.#ahead + text
    this.#ahead = ''
    this.#keep(own)
    return own
  }

  #hear(text: string): void {
    this.#heard += text
    if (this.#heard.length <= MAX_HEARD_CHARS) return
    this.#heard = ''
    this.#repeated = ''
  }

  #keep(text: string): void {
    this.#said += text
    if (this.#said.length > 2 * MAX_SAID_CHARS) this.#said = this.#said.slice(-MAX_SAID_CHARS)
  }
}
