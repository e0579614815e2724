import type { BridgeLimits, BridgeOptions } from '../options.ts'
import { wholeNumber } from './option-kinds.ts'
import {
  BRIDGE_LIMIT_SPECS,
  BRIDGE_LIMITS,
  OPTION_SPECS,
  type OptionSpec,
  RING_LIMITS,
} from './option-specs.ts'
import { variableOf } from './option-value.ts'

/**
 * The options that environment variables give: `SPANCAST_PORT`, `SPANCAST_MAX_EVENTS` and so on. An empty variable
 * is one that is not set; lists are separated by commas.
 *
 * @throws SpancastError `invalid-option` that names the variable, what is expected, and what came.
 */
export function configFromEnv(env: Readonly<Record<string, string | undefined>>): BridgeOptions {
  const options: Record<string, unknown> = {}
  for (const [name, { kind, secret }] of Object.entries<OptionSpec>(OPTION_SPECS)) {
    const value = variableOf(env, name, kind, secret)
    if (value !== undefined) options[name] = value
  }
  const limits: Record<string, unknown> = {}
  for (const name of [...BRIDGE_LIMITS, ...RING_LIMITS]) {
    const kind =
      name in BRIDGE_LIMIT_SPECS
        ? BRIDGE_LIMIT_SPECS[name as keyof BridgeLimits].kind
        : wholeNumber(1)
    const value = variableOf(env, name, kind, false)
    if (value !== undefined) limits[name] = value
  }
  // Each value was accepted by the kind of the option that it is stored under.
  return { ...options, limits } as BridgeOptions
}
