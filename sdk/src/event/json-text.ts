/** A text that may be the JSON of a value: taken apart only if somebody reads it. */
export class JsonText {
  readonly #text: string

  constructor(text: string) {
    this.#text = text
  }

  /** Whether it is one: asked of values of any kind, so without `instanceof`, which a proxy may answer by throwing. */
  static is(value: unknown): value is JsonText {
    return typeof value === 'object' && value !== null && #text in value
  }

  get text(): string {
    return this.#text
  }

  /** The value that it stands for; the text itself if it is no JSON. */
  read(): unknown {
    try {
      return JSON.parse(this.text)
    } catch {
      return this.text
    }
  }
}
