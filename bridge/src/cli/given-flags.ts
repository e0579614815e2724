/** The flags that a command line gives, by their names, and its operands. */
export class GivenFlags {
  /** What stands there besides flags. */
  readonly operands: readonly string[]
  readonly #values: ReadonlyMap<string, readonly string[] | boolean>

  constructor(
    values: ReadonlyMap<string, readonly string[] | boolean>,
    operands: readonly string[] = [],
  ) {
    this.#values = values
    this.operands = operands
  }

  /** The value of a flag; of one that is given again, the last. */
  value(name: string): string | undefined {
    return this.list(name)?.at(-1)
  }

  /** All values of a flag, in their order. */
  list(name: string): readonly string[] | undefined {
    const value = this.#values.get(name)
    return typeof value === 'boolean' ? undefined : value
  }

  /** Whether a switch is on or off; `undefined` if it is not given. */
  switched(name: string): boolean | undefined {
    const value = this.#values.get(name)
    return typeof value === 'boolean' ? value : undefined
  }
}
