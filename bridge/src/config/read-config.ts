import type { RunLimits } from '@spancast/sdk'
import { priceLists, runLimits } from '@spancast/sdk/internal'
import type { BridgeLimits, BridgeOptions } from '../options.ts'
import { registeredWorkflows } from '../workflows/registered-workflows.ts'
import type { BridgeConfig } from './bridge-config.ts'
import { BRIDGE_LIMITS, LIMITS, OPTIONS, RING_LIMITS } from './option-specs.ts'
import { invalid, read } from './option-value.ts'

const WITHOUT_VARIABLE = ['registry', 'store', 'workflows', 'prices', 'limits', 'onNotice']

/**
 * The options with defaults for what is not given.
 *
 * @throws SpancastError `invalid-option` that names the option, what is expected, and what came.
 */
export function readConfig(options: BridgeOptions): BridgeConfig {
  refuseUnknown(options, [...Object.keys(OPTIONS), ...WITHOUT_VARIABLE], 'an option')
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
    host: read('host', OPTIONS.host, options.host),
    port: read('port', OPTIONS.port, options.port),
    token: read('token', OPTIONS.token, options.token),
    ingestToken: read('ingestToken', OPTIONS.ingestToken, options.ingestToken),
    upstreamUrl: read('upstreamUrl', OPTIONS.upstreamUrl, options.upstreamUrl),
    upstreamHeaders: read('upstreamHeaders', OPTIONS.upstreamHeaders, options.upstreamHeaders),
    spool: read('spool', OPTIONS.spool, options.spool),
    jaegerUiUrl: read('jaegerUiUrl', OPTIONS.jaegerUiUrl, options.jaegerUiUrl),
    streamAuth: read('streamAuth', OPTIONS.streamAuth, options.streamAuth),
    insecure: read('insecure', OPTIONS.insecure, options.insecure),
    corsOrigins: read('corsOrigins', OPTIONS.corsOrigins, options.corsOrigins),
    allowedHosts: read('allowedHosts', OPTIONS.allowedHosts, options.allowedHosts),
    trustProxy: read('trustProxy', OPTIONS.trustProxy, options.trustProxy),
    runBy: read('runBy', OPTIONS.runBy, options.runBy),
    redisUrl: read('redisUrl', OPTIONS.redisUrl, options.redisUrl),
    redisPrefix: read('redisPrefix', OPTIONS.redisPrefix, options.redisPrefix),
    redisCluster: read('redisCluster', OPTIONS.redisCluster, options.redisCluster),
    prices: priceLists(options.prices),
    priceUpdateMs: read('priceUpdateMs', OPTIONS.priceUpdateMs, options.priceUpdateMs),
    priceDataUrl: read('priceDataUrl', OPTIONS.priceDataUrl, options.priceDataUrl),
    limits: bridgeLimits(limits),
    ringLimits: ringLimits(options, limits),
  }
}

/** @throws SpancastError `invalid-option` for what is no port. */
export function readPort(port: unknown, fallback: number): number {
  return read('port', { ...OPTIONS.port, default: fallback }, port)
}

function bridgeLimits(given: Partial<BridgeLimits>): BridgeLimits {
  const limits: Partial<Record<keyof BridgeLimits, number>> = {}
  for (const name of BRIDGE_LIMITS) limits[name] = read(name, LIMITS[name], given[name])
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
