/**
 * Streamed text as it is laid out while it comes: words wrap at a width, in whatever pieces they arrive. The last word
 * is held back until it is whole.
 */
export class Flow {
  readonly #indent: string
  readonly #width: number
  #column = 0
  #word = ''
  #spaces = ''
  #begun = false

  /**
   * @param indent - Stands before every line.
   * @param width - Characters of a line after it.
   */
  constructor(indent: string, width: number) {
    this.#indent = indent
    this.#width = width
  }

  /** What can be shown now that this has come. */
  push(text: string): string {
    let shown = ''
    for (const part of text.match(/\n|[^\S\n]+|\S+/g) ?? []) {
      if (part === '\n') shown += `${this.#place()}${this.#newline()}`
      else if (part.trim() === '') {
        shown += this.#place()
        this.#spaces = part
      } else this.#word += part
    }
    return shown
  }

  /** The rest, and the end of the line if one was begun. */
  end(): string {
    const rest = this.#place()
    return this.#column > 0 ? `${rest}\n` : rest
  }

  #place(): string {
    const word = this.#word
    const spaces = this.#spaces
    this.#word = ''
    this.#spaces = ''
    if (word === '') return ''
    this.#begun = true
    if (this.#column === 0) {
      // Spaces at the beginning of a line are the speaker's: code is indented.
      this.#column = spaces.length + word.length
      return `${this.#indent}${spaces}${word}`
    }
    const gap = Math.max(spaces.length, 0)
    if (this.#column + gap + word.length > this.#width) {
      this.#column = word.length
      return `\n${this.#indent}${word}`
    }
    this.#column += gap + word.length
    return `${spaces}${word}`
  }

  #newline(): string {
    this.#spaces = ''
    if (!this.#begun) return ''
    const isEmpty = this.#column === 0
    this.#column = 0
    return isEmpty ? `${this.#indent.trimEnd()}\n` : '\n'
  }
}
