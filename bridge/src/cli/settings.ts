import { readFile } from 'node:fs/promises'
import type { RunLimits } from '@spancast/sdk'
import { DEFAULT_RUN_LIMITS } from '@spancast/sdk/internal'
import { configFromEnv } from '../config/config-from-env.ts'
import { wholeNumber } from '../config/option-kinds.ts'
import { BRIDGE_LIMIT_SPECS, OPTION_SPECS, type OptionSpec } from '../config/option-specs.ts'
import type { BridgeOptions } from '../options.ts'
import type { Refusals } from './args.ts'
import type { Environment, Flag } from './command.ts'
import type { GivenFlags } from './given-flags.ts'
import { UsageError } from './usage-error.ts'

const RING_DOCS: { readonly [Name in keyof RunLimits]: string } = {
  maxEvents: 'Events kept of a run.',
  maxChunks: 'Streamed chunks kept of a run, beside its events.',
  maxRunBytes: 'Bytes kept of a run.',
  maxTotalBytes: 'Bytes kept of all runs together.',
  maxRuns: 'Runs kept.',
  retentionMs: 'Time that a run is kept after its end.',
  runIdleMs: 'Silence after which a run is abandoned.',
  runGraceMs: 'Time that a run waits for open spans after its root.',
  maxRunMs: 'Longest run.',
}

const OPTIONS: Readonly<Record<string, OptionSpec>> = OPTION_SPECS
const LIMITS: Readonly<Record<string, OptionSpec>> = { ...BRIDGE_LIMIT_SPECS, ...ringSpecs() }

const VALUES: Readonly<Record<string, string>> = {
  host: '<host>',
  upstreamUrl: '<url>',
  spool: '<dir>',
  redisUrl: '<url>',
  redisPrefix: '<text>',
  jaegerUiUrl: '<url>',
  streamAuth: 'token|id',
  runBy: 'trace|conversation',
  priceDataUrl: '<url>',
  corsOrigins: '<origin,...>',
  allowedHosts: '<host,...>',
  trustProxy: '<proxies>',
}
const ALIASES: Readonly<Record<string, string>> = { upstreamUrl: 'upstream' }

/** Every option of the bridge as a flag. */
export const OPTION_FLAGS: readonly Flag[] = flagsOf(OPTIONS)
/** Every limit of the bridge as a flag. */
export const LIMIT_FLAGS: readonly Flag[] = flagsOf(LIMITS)

/** Secrets are no flags: other users of a machine see its command lines. */
export const SECRET_REFUSALS: Refusals = Object.fromEntries(
  Object.entries(OPTIONS)
    .filter(([, spec]) => isHidden(spec))
    .map(([name]) => [
      kebab(name),
      `Expected no --${kebab(name)}: others on this machine could read it. Set ${variableOf(name)}, or name a file that holds it with --${kebab(name)}-file.`,
    ]),
)

/**
 * The bridge's options as the command line and the environment give them. Flags win.
 *
 * @throws UsageError that names the flag, what is expected, and what came; SpancastError `invalid-option` for a
 * variable.
 */
export async function bridgeOptions(given: GivenFlags, env: Environment): Promise<BridgeOptions> {
  const { limits, ...options } = configFromEnv(env)
  const chosen = { ...options, ...(await valuesOf(OPTIONS, given)) }
  // Each value was accepted by the kind of the option that it is stored under.
  return { ...chosen, limits: { ...limits, ...(await valuesOf(LIMITS, given)) } } as BridgeOptions
}

async function valuesOf(
  specs: Readonly<Record<string, OptionSpec>>,
  given: GivenFlags,
): Promise<Record<string, unknown>> {
  const values: Record<string, unknown> = {}
  for (const [name, spec] of Object.entries(specs)) {
    const value = await chosenValue(name, spec, given)
    if (value !== undefined) values[name] = value
  }
  return values
}

async function chosenValue(name: string, spec: OptionSpec, given: GivenFlags): Promise<unknown> {
  const flag = flagOf(name, spec)
  if (flag.value === undefined) return given.switched(flag.name)
  const text = Array.isArray(spec.default)
    ? given.list(flag.name)?.join(',')
    : given.value(flag.name)
  if (text === undefined) return undefined
  const kind = spec.inFlag ?? spec.kind
  const value = kind.fromText(isHidden(spec) ? await secretIn(text, flag.name) : text)
  if (kind.accepts(value)) return value
  const got = isHidden(spec) ? 'a file with something else' : `'${text}'`
  const shown = spec.secret && !isHidden(spec) ? 'something else' : got
  throw new UsageError(`Expected --${flag.name} to be ${kind.expected}, got ${shown}.`)
}

async function secretIn(path: string, flag: string): Promise<string> {
  try {
    return (await readFile(path, 'utf8')).trim()
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error)
    throw new UsageError(`Expected --${flag} to name a file to read: ${reason}.`, { cause: error })
  }
}

function flagsOf(specs: Readonly<Record<string, OptionSpec>>): Flag[] {
  return Object.entries(specs).map(([name, spec]) => flagOf(name, spec))
}

function flagOf(name: string, spec: OptionSpec): Flag {
  const { doc } = spec
  if (isHidden(spec)) {
    return {
      name: `${kebab(name)}-file`,
      value: '<file>',
      doc: `File with the ${lower(doc)}`,
    }
  }
  if (typeof spec.default === 'boolean') return { name: kebab(name), doc }
  const alias = ALIASES[name]
  const fallback = Array.isArray(spec.default) ? undefined : spec.default
  return {
    name: kebab(name),
    value: VALUES[name] ?? unitOf(name),
    doc,
    ...(alias !== undefined && { alias }),
    ...(fallback !== undefined && { default: String(fallback) }),
  }
}

/** Whether a flag names a file that holds it. */
function isHidden({ secret, inFlag }: OptionSpec): boolean {
  return secret === true && inFlag === undefined
}

function unitOf(name: string): string {
  if (name.endsWith('Ms')) return '<ms>'
  return name.endsWith('Bytes') ? '<bytes>' : '<number>'
}

function ringSpecs(): Record<string, OptionSpec> {
  const kind = wholeNumber(1)
  const specs: Record<string, OptionSpec> = {}
  for (const [name, value] of Object.entries(DEFAULT_RUN_LIMITS)) {
    const doc = RING_DOCS[name as keyof RunLimits]
    specs[name] = { kind, default: value, doc }
  }
  return specs
}

function kebab(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)
}

function variableOf(name: string): string {
  return `SPANCAST_${kebab(name).replaceAll('-', '_').toUpperCase()}`
}

function lower(sentence: string): string {
  return sentence.charAt(0).toLowerCase() + sentence.slice(1)
}
