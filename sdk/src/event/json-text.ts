/** A text that may be the JSON of a value: taken apart only if somebody reads it. */
export class JsonText {
  readonly text: string

  constructor(text: string) {
    this.text = text
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
