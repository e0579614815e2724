import type { GivenFlags } from './given-flags.ts'

/** One flag of a command. */
export interface Flag {
  /** Without the dashes. */
  readonly name: string
  /** A second name for it, without the dashes. */
  readonly alias?: string
  /** What stands for its value in the help, such as `<port>`. A flag without one is switched on, or off by `--no-`. */
  readonly value?: string
  /** A line of the help. */
  readonly doc: string
  /** What holds without it. */
  readonly default?: string
}

/** What a command takes besides flags. */
export interface Operand {
  /** As the help shows it, such as `randomId|latest`. */
  readonly name: string
  readonly optional?: boolean
}

/** Flags under a heading of the help. */
export interface FlagGroup {
  readonly title: string
  readonly flags: readonly Flag[]
}

export type Environment = Readonly<Record<string, string | undefined>>

/** Where text goes: a stream of the process, or what stands in for it. */
export interface Output {
  readonly isTTY?: boolean
  /** Characters in a line of the terminal. */
  readonly columns?: number
  /** @returns `false` if it has more than it can take now. */
  write(text: string): unknown
  /** Resolves when it can take more. */
  drained?(): Promise<void>
}

/** What a command works with. */
export interface CommandIo {
  readonly env: Environment
  /** Data goes here. */
  readonly stdout: Output
  /** Notices and logs go here. */
  readonly stderr: Output
}

/** What follows `spancast`. */
export interface Command {
  readonly name: string
  /** A line of the general help. */
  readonly summary: string
  /** Paragraphs of its own help. */
  readonly details: readonly string[]
  /** In their order, those that may be left out last. Default: none. */
  readonly operands?: readonly Operand[]
  readonly groups: readonly FlagGroup[]
  /** @returns The exit code. Throws what `isMistake` knows for values that are not as expected. */
  run(given: GivenFlags, io: CommandIo): Promise<number>
}
