import { type ParseArgsConfig, parseArgs } from 'node:util'
import type { Flag, Operand } from './command.ts'
import { GivenFlags } from './given-flags.ts'
import { nearest } from './nearest.ts'
import { UsageError } from './usage-error.ts'

type FlagTypes = NonNullable<ParseArgsConfig['options']>

/** What a flag of this name is answered with, in place of a suggestion. */
export type Refusals = Readonly<Record<string, string>>

export interface Expected {
  readonly flags: readonly Flag[]
  readonly operands?: readonly Operand[]
  /** Flags that somebody may try and that there are not for a reason. */
  readonly refusals?: Refusals
}

/**
 * Reads the flags and operands of a command.
 *
 * @throws UsageError that names what is wrong, and for a name that is unknown the nearest one.
 */
export function readArgs(
  args: readonly string[],
  { flags, operands = [], refusals = {} }: Expected,
): GivenFlags {
  const options = typesOf(flags)
  assertKnown(args, options, refusals)
  const read = parsed(args, options)
  // Whoever asks for help gives nothing else.
  if (read.values.help !== true) assertOperands(read.positionals, operands)
  const values = new Map<string, readonly string[] | boolean>()
  for (const [name, value] of Object.entries(read.values)) {
    if (value === undefined) continue
    const flag = flags.find(({ alias }) => alias === name)?.name ?? name
    const before = values.get(flag)
    const several = Array.isArray(before) && Array.isArray(value)
    values.set(flag, several ? [...before, ...value] : value)
  }
  return new GivenFlags(values, read.positionals)
}

function typesOf(flags: readonly Flag[]): FlagTypes {
  const options: FlagTypes = {}
  for (const { name, alias, value } of flags) {
    const type = { type: value === undefined ? 'boolean' : 'string', multiple: true } as const
    options[name] = value === undefined ? { type: 'boolean' } : type
    if (alias !== undefined) options[alias] = type
  }
  return options
}

function assertKnown(args: readonly string[], options: FlagTypes, refusals: Refusals): void {
  const { tokens } = parseArgs({ args: [...args], options, strict: false, tokens: true })
  for (const token of tokens) {
    if (token.kind !== 'option' || isKnown(token.name, options)) continue
    const refusal = refusals[token.name]
    if (refusal !== undefined) throw new UsageError(refusal)
    const near = nearest(token.name, Object.keys(options))
    const advice = near === undefined ? 'See --help for those there are' : `Did you mean --${near}`
    const end = near === undefined ? '.' : '?'
    throw new UsageError(`Unknown flag ${token.rawName}. ${advice}${end}`)
  }
}

function assertOperands(given: readonly string[], operands: readonly Operand[]): void {
  const missing = operands[given.length]
  if (missing !== undefined && missing.optional !== true) {
    throw new UsageError(`Expected ${missing.name}, got nothing.`)
  }
  const extra = given[operands.length]
  if (extra === undefined) return
  const wanted =
    operands.length === 0
      ? 'flags only'
      : `nothing more than ${operands.map(({ name }) => name).join(' ')}`
  throw new UsageError(`Expected ${wanted}, got '${extra}'.`)
}

function isKnown(name: string, options: FlagTypes): boolean {
  if (Object.hasOwn(options, name)) return true
  const positive = name.replace(/^no-/, '')
  return Object.hasOwn(options, positive) && options[positive]?.type === 'boolean'
}

function parsed(
  args: readonly string[],
  options: FlagTypes,
): { values: Record<string, string[] | boolean | undefined>; positionals: string[] } {
  try {
    const { values, positionals } = parseArgs({
      args: [...args],
      options,
      strict: true,
      allowNegative: true,
      allowPositionals: true,
    })
    // Every text is declared as one that may come again, so it is a list.
    return { values: values as Record<string, string[] | boolean | undefined>, positionals }
  } catch (error) {
    const said = error instanceof Error ? error.message : String(error)
    throw new UsageError(said.replaceAll('\n', ' '), { cause: error })
  }
}
