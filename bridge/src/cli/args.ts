import { type ParseArgsConfig, parseArgs } from 'node:util'
import type { Flag } from './command.ts'
import { GivenFlags } from './given-flags.ts'
import { nearest } from './nearest.ts'
import { UsageError } from './usage-error.ts'

type FlagTypes = NonNullable<ParseArgsConfig['options']>

/** What a flag of this name is answered with, in place of a suggestion. */
export type Refusals = Readonly<Record<string, string>>

/**
 * Reads the flags of a command; there are no other arguments.
 *
 * @param refusals - Flags that somebody may try and that there are not for a reason.
 * @throws UsageError that names what is wrong, and for a name that is unknown the nearest one.
 */
export function readFlags(
  args: readonly string[],
  flags: readonly Flag[],
  refusals: Refusals = {},
): GivenFlags {
  const options = typesOf(flags)
  assertKnown(args, options, refusals)
  const values = new Map<string, readonly string[] | boolean>()
  for (const [name, value] of Object.entries(parsed(args, options))) {
    if (value === undefined) continue
    const flag = flags.find(({ alias }) => alias === name)?.name ?? name
    const before = values.get(flag)
    const several = Array.isArray(before) && Array.isArray(value)
    values.set(flag, several ? [...before, ...value] : value)
  }
  return new GivenFlags(values)
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
    if (token.kind === 'positional') {
      throw new UsageError(`Expected flags only, got '${token.value}'.`)
    }
    if (token.kind !== 'option' || isKnown(token.name, options)) continue
    const refusal = refusals[token.name]
    if (refusal !== undefined) throw new UsageError(refusal)
    const near = nearest(token.name, Object.keys(options))
    const advice = near === undefined ? 'See --help for those there are' : `Did you mean --${near}`
    const end = near === undefined ? '.' : '?'
    throw new UsageError(`Unknown flag ${token.rawName}. ${advice}${end}`)
  }
}

function isKnown(name: string, options: FlagTypes): boolean {
  if (Object.hasOwn(options, name)) return true
  const positive = name.replace(/^no-/, '')
  return Object.hasOwn(options, positive) && options[positive]?.type === 'boolean'
}

function parsed(
  args: readonly string[],
  options: FlagTypes,
): Record<string, string[] | boolean | undefined> {
  try {
    const { values } = parseArgs({ args: [...args], options, strict: true, allowNegative: true })
    // Every text is declared as one that may come again, so it is a list.
    return values as Record<string, string[] | boolean | undefined>
  } catch (error) {
    const said = error instanceof Error ? error.message : String(error)
    throw new UsageError(said.replaceAll('\n', ' '), { cause: error })
  }
}
