import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto'

/** A secret that guesses can be compared with, in a time that tells neither its length nor where they differ. */
export class Secret {
  readonly #salt = randomBytes(32)
  readonly #digest: Buffer

  constructor(secret: string) {
    this.#digest = this.#digestOf(secret)
  }

  matches(guess: string): boolean {
    return timingSafeEqual(this.#digest, this.#digestOf(guess))
  }

  #digestOf(text: string): Buffer {
    return createHmac('sha256', this.#salt).update(text).digest()
  }
}
