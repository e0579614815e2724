import { type JsonRecord, recordOf } from './json-fields.ts'
import { cutEntries, type JsonPieces } from './json-pieces.ts'
import { isSmall, parseText } from './json-text.ts'
import { MalformedBody } from './malformed-body.ts'

const ENTRIES_A_SLICE = 256

/** A request of JSON. Of a large one the spans or log records are cut out, and parsed when their turn comes. */
export class JsonRequest {
  /** The request, in which only `entry` knows what its spans or log records are. */
  readonly fields: JsonRecord
  readonly #pieces: JsonPieces | undefined
  readonly #isRead: Uint8Array
  #reads = 0

  private constructor(fields: JsonRecord, pieces: JsonPieces | undefined) {
    this.fields = fields
    this.#pieces = pieces
    this.#isRead = new Uint8Array(pieces?.count ?? 0)
  }

  /**
   * Pauses now and then, if the body is large.
   *
   * @throws MalformedBody if it is no JSON object, or more than can be parsed.
   */
  static *of(body: Buffer): Generator<void, JsonRequest> {
    const pieces = isSmall(body) ? undefined : yield* cutEntries(body)
    const fields = recordOf(parseText(pieces?.rest ?? body.toString('utf8')), 'request')
    if (fields === undefined) throw new MalformedBody('no request')
    return new JsonRequest(fields, pieces)
  }

  /** Whether it is time to pause. */
  get isTime(): boolean {
    return this.#pieces !== undefined && this.#reads % ENTRIES_A_SLICE === 0
  }

  /**
   * A span or a log record.
   *
   * @param value - What stands in its place in the list `what`.
   * @throws MalformedBody if it is no JSON object.
   */
  entry(value: unknown, what: string): JsonRecord {
    const entry = recordOf(value, what) ?? {}
    if (this.#pieces === undefined) return entry
    this.#reads++
    const number = entry[this.#pieces.mark]
    // It was too short to be cut out.
    if (typeof number !== 'number') return entry
    this.#isRead[number] = 1
    return recordOf(parseText(this.#pieces.piece(number)), what) ?? {}
  }

  /**
   * Parses what nobody has read, since it stands where no entries are expected: the body is no JSON if that is not.
   *
   * @throws MalformedBody
   */
  *checkOthers(): Generator<void, void> {
    if (this.#pieces === undefined) return
    for (let number = 0; number < this.#isRead.length; number++) {
      if (this.#isRead[number] === 1) continue
      parseText(this.#pieces.piece(number))
      if (++this.#reads % ENTRIES_A_SLICE === 0) yield
    }
  }
}
