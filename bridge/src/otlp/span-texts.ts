import type { JsonRecord } from './json-fields.ts'
import type { JsonPieces } from './json-pieces.ts'
import { parseText } from './json-text.ts'

const SPANS_A_SLICE = 256

/** Spans that were cut out of a body of JSON, each parsed when its turn comes. */
export class SpanTexts {
  readonly rest: string
  readonly #pieces: JsonPieces
  readonly #isRead: Uint8Array
  #reads = 0

  constructor(pieces: JsonPieces) {
    this.rest = pieces.rest
    this.#pieces = pieces
    this.#isRead = new Uint8Array(pieces.count)
  }

  /** Whether it is time to pause. */
  get isTime(): boolean {
    return this.#reads % SPANS_A_SLICE === 0
  }

  /**
   * @param entry - What stands where a span was: itself, if it was too short to be cut out.
   * @throws MalformedBody if it is no JSON.
   */
  read(entry: JsonRecord): unknown {
    this.#reads++
    const number = entry[this.#pieces.mark]
    if (typeof number !== 'number') return entry
    this.#isRead[number] = 1
    return parseText(this.#pieces.piece(number))
  }

  /**
   * Parses what nobody has read, since it stands where no spans are expected: the body is no JSON if that is not.
   *
   * @throws MalformedBody
   */
  *checkOthers(): Generator<void, void> {
    for (let number = 0; number < this.#isRead.length; number++) {
      if (this.#isRead[number] === 1) continue
      parseText(this.#pieces.piece(number))
      if (++this.#reads % SPANS_A_SLICE === 0) yield
    }
  }
}
