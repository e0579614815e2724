import { utf8Length } from './cap.ts'
import { pointerOf } from './json-pointer.ts'

/** A state of a draft to go back to. */
interface Mark {
  readonly json: string
  readonly room: number
  readonly open: number
  readonly steps: number
  readonly cuts: number
}

/** JSON text that grows within a number of bytes, and where in the value its end stands. */
export class JsonDraft {
  readonly #root: string
  readonly #open: object[] = []
  readonly #steps: string[] = []
  readonly #cuts: string[] = []
  #json = ''
  #room: number

  constructor(maxBytes: number, root: string) {
    this.#room = maxBytes
    this.#root = root
  }

  get json(): string {
    return this.#json
  }

  /** Bytes left, the closing brackets of what is open already taken off. */
  get room(): number {
    return this.#room
  }

  /** Containers that are open. */
  get depth(): number {
    return this.#open.length
  }

  /** The last step to the current place; `''` at the root. */
  get step(): string {
    return this.#steps.at(-1) ?? ''
  }

  /** JSON Pointers of what was shortened, each once. */
  get cuts(): readonly string[] {
    return [...new Set(this.#cuts)]
  }

  /** `false`, and nothing has changed, if there is no room. */
  append(json: string): boolean {
    const bytes = utf8Length(json)
    if (bytes > this.#room) return false
    this.#json += json
    this.#room -= bytes
    return true
  }

  isOpen(container: object): boolean {
    return this.#open.includes(container)
  }

  /** Begins a container; needs 2 bytes of room. */
  open(container: object, bracket: string): void {
    this.#room -= 2
    this.#json += bracket
    this.#open.push(container)
  }

  close(bracket: string): void {
    this.#open.pop()
    this.#json += bracket
  }

  stepIn(step: string): void {
    this.#steps.push(step)
  }

  stepOut(): void {
    this.#steps.pop()
  }

  pointer(): string {
    return this.#root + pointerOf(this.#steps)
  }

  /** Notes that the value at the current place was shortened. */
  cut(): void {
    this.#cuts.push(this.pointer())
  }

  mark(): Mark {
    return {
      json: this.#json,
      room: this.#room,
      open: this.#open.length,
      steps: this.#steps.length,
      cuts: this.#cuts.length,
    }
  }

  restore(mark: Mark): void {
    this.#json = mark.json
    this.#room = mark.room
    this.#open.length = mark.open
    this.#steps.length = mark.steps
    this.#cuts.length = mark.cuts
  }
}
