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
  /** Whether a line goes on that was broken off. */
  #resumes = false

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

  /** Ends the line, because something else has to be said. A word that is not whole is kept for the next line. */
  pause(): string {
    if (this.#column === 0) return ''
    this.#column = 0
    this.#resumes = true
    return '\n'
  }

  /** The rest, and the end of the line if one was begun. */
  end(): string {
    return `${this.#place()}${this.pause()}`
  }

  #place(): string {
    const word = this.#word
    const spaces = this.#spaces
    this.#word = ''
    this.#spaces = ''
    if (word === '') return ''
    this.#begun = true
    if (this.#column === 0) {
      // Spaces at the beginning of a line are the speaker's, as code is indented, unless the line is only ours.
      const own = this.#resumes ? '' : spaces
      this.#resumes = false
      this.#column = own.length + word.length
      return `${this.#indent}${own}${word}`
    }
    if (this.#column + spaces.length + word.length > this.#width) {
      this.#column = word.length
      return `\n${this.#indent}${word}`
    }
    this.#column += spaces.length + word.length
    return `${spaces}${word}`
  }

  #newline(): string {
    this.#spaces = ''
    // A line that was broken off has its end already.
    const isOver = this.#resumes
    this.#resumes = false
    if (!this.#begun || isOver) return ''
    const isEmpty = this.#column === 0
    this.#column = 0
    return isEmpty ? `${this.#indent.trimEnd()}\n` : '\n'
  }
}
