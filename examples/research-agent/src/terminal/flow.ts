/**
 * Streamed text, laid out while it comes: words wrap at a width, whatever pieces they arrive in. The last word is
 * held back until it is known to be whole. Empty lines at the beginning are left out.
 */
export class Flow {
  readonly #indent: string
  readonly #width: number
  #column = 0
  #word = ''
  #begun = false

  /**
   * @param indent - Stands before every line.
   * @param width - Characters a line may have after the indent.
   */
  constructor(indent: string, width: number) {
    this.#indent = indent
    this.#width = width
  }

  /** Takes a piece of text and returns what can be printed now. */
  push(text: string): string {
    let printed = ''
    for (const part of text.match(/\n|[^\S\n]+|\S+/g) ?? []) {
      if (part === '\n') printed += `${this.#place()}${this.#newline()}`
      else if (part.trim() === '') printed += this.#place()
      else this.#word += part
    }
    return printed
  }

  /** The rest, and the end of the line if one was begun. Afterwards the flow starts anew. */
  end(): string {
    const rest = this.#place()
    const open = this.#column > 0
    this.#column = 0
    this.#begun = false
    return open ? `${rest}\n` : rest
  }

  #place(): string {
    const word = this.#word
    this.#word = ''
    if (word === '') return ''
    this.#begun = true
    const wraps = this.#column > 0 && this.#column + 1 + word.length > this.#width
    if (this.#column === 0 || wraps) {
      this.#column = word.length
      return `${wraps ? '\n' : ''}${this.#indent}${word}`
    }
    this.#column += 1 + word.length
    return ` ${word}`
  }

  #newline(): string {
    if (!this.#begun) return ''
    const empty = this.#column === 0
    this.#column = 0
    return empty ? `${this.#indent.trimEnd()}\n` : '\n'
  }
}
