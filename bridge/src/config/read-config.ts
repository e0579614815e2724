import type { RunLimits } from '@spancast/sdk'
import { priceLists, runLimits } from '@spancast/sdk/internal'
import type { BridgeLimits, BridgeOptions } from '../options.ts'
import { registeredWorkflows } from '../workflows/registered-workflows.ts'
import type { BridgeConfig } from './bridge-config.ts'
import { BRIDGE_LIMIT_SPECS, BRIDGE_LIMITS, OPTION_SPECS, RING_LIMITS } from './option-specs.ts'
import { invalid, read } from './option-value.ts'

const WITHOUT_VARIABLE = ['registry', 'store', 'workflows', 'prices', 'limits', 'onNotice']

/**
 * The options with defaults for what is not given.
 *
 * @throws SpancastError `invalid-option` that names the option, what is expected, and what came.
 */
export function readConfig(options: BridgeOptions): BridgeConfig {
  refuseUnknown(options, [...Object.keys(OPTION_SPECS), ...WITHOUT_VARIABLE], 'an option')
  const { registry, store, limits = {} } = options
  if (registry !== undefined && store !== undefined) {
    throw invalid('Expected `registry` or `store`, got both. A registry is the store in memory.')
  }
  if (options.redisUrl !== undefined && (registry ?? store) !== undefined) {
    const other = registry === undefined ? 'store' : 'registry'
    throw invalid(`Expected one place for runs to live in, got \`redisUrl\` beside \`${other}\`.`)
  }
  refuseUnknown(limits, [...BRIDGE_LIMITS, ...RING_LIMITS], 'a limit')
  return {
    registry,
    store,
    workflows: registeredWorkflows(options.workflows ?? {}),
    host: read('host', OPTION_SPECS.host, options.host),
    port: read('port', OPTION_SPECS.port, options.port),
    token: read('token', OPTION_SPECS.token, options.token),
    ingestToken: read('ingestToken', OPTION_SPECS.ingestToken, options.ingestToken),
    upstreamUrl: read('upstreamUrl', OPTION_SPECS.upstreamUrl, options.upstreamUrl),
    upstreamHeaders: read('upstreamHeaders', OPTION_SPECS.upstreamHeaders, options.upstreamHeaders),
    spool: read('spool', OPTION_SPECS.spool, options.spool),
    jaegerUiUrl: read('jaegerUiUrl', OPTION_SPECS.jaegerUiUrl, options.jaegerUiUrl),
    streamAuth: read('streamAuth', OPTION_SPECS.streamAuth, options.streamAuth),
    insecure: read('insecure', OPTION_SPECS.insecure, options.insecure),
    corsOrigins: read('corsOrigins', OPTION_SPECS.corsOrigins, options.corsOrigins),
    allowedHosts: read('allowedHosts', OPTION_SPECS.allowedHosts, options.allowedHosts),
    trustProxy: read('trustProxy', OPTION_SPECS.trustProxy, options.trustProxy),
    runBy: read('runBy', OPTION_SPECS.runBy, options.runBy),
    redisUrl: read('redisUrl', OPTION_SPECS.redisUrl, options.redisUrl),
    redisPrefix: read('redisPrefix', OPTION_SPECS.redisPrefix, options.redisPrefix),
    redisCluster: read('redisCluster', OPTION_SPECS.redisCluster, options.redisCluster),
    prices: priceLists(options.prices),
    priceUpdateMs: read('priceUpdateMs', OPTION_SPECS.priceUpdateMs, options.priceUpdateMs),
    priceDataUrl: read('priceDataUrl', OPTION_SPECS.priceDataUrl, options.priceDataUrl),
    limits: bridgeLimits(limits),
    ringLimits: ringLimits(options, limits),
  }
}

/** @throws SpancastError `invalid-option` for what is no port. */
export function readPort(port: unknown, fallback: number): number {
  return read('port', { ...OPTION_SPECS.port, default: fallback }, port)
}

function bridgeLimits(given: Partial<BridgeLimits>): BridgeLimits {
  const limits: Partial<Record<keyof BridgeLimits, number>> = {}
  for (const name of BRIDGE_LIMITS) limits[name] = read(name, BRIDGE_LIMIT_SPECS[name], given[name])
  // The loop has filled in every name.
  return limits as BridgeLimits
}

function ringLimits(options: BridgeOptions, given: Partial<RunLimits>): Partial<RunLimits> {
  const limits: Partial<Record<keyof RunLimits, number>> = {}
  for (const name of RING_LIMITS) {
    if (given[name] !== undefined) limits[name] = given[name]
  }
  runLimits(limits)
  const [first] = Object.keys(limits)
  if (first !== undefined && (options.registry ?? options.store) !== undefined) {
    const owner = options.registry === undefined ? 'store' : 'registry'
    throw invalid(
      `Expected \`${first}\` to be given to the ${owner}, got it beside one. Limits of runs belong to where they live.`,
    )
  }
  return limits
}

function refuseUnknown(given: object, known: readonly string[], what: string): void {
  const unknown = Object.keys(given).find((name) => !known.includes(name))
  if (unknown === undefined) return
  throw invalid(`Expected ${what} to be one of ${known.join(', ')}, got \`${unknown}\`.`)
}
