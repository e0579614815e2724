import {
  type ObserverRegistry,
  type Prices,
  type RunBy,
  type RunLimits,
  SpancastError,
} from '@spancast/sdk'
import { DEFAULT_RUN_LIMITS, priceLists, runLimits } from '@spancast/sdk/internal'
import type { HeaderRecord } from './header-record.ts'
import {
  baseUrl,
  bearerToken,
  extraHeaders,
  flag,
  hostName,
  hostPatterns,
  type Kind,
  keyPrefix,
  milliseconds,
  oneOf,
  openRedisUrl,
  origins,
  path,
  redisUrl,
  trustedProxies,
  webUrl,
  wholeNumber,
} from './option-kinds.ts'
import type { BridgeLimits, BridgeOptions, TrustProxy } from './options.ts'
import type { RunStore } from './store/run-store.ts'
import { registeredWorkflows } from './workflows/registered-workflows.ts'
import type { Registered } from './workflows/workflow.ts'

/** The options as they hold: checked, with defaults. */
export interface BridgeConfig {
  readonly registry: ObserverRegistry | undefined
  readonly store: RunStore | undefined
  readonly workflows: ReadonlyMap<string, Registered>
  readonly host: string
  readonly port: number
  readonly token: string | undefined
  readonly ingestToken: string | undefined
  readonly upstreamUrl: string | undefined
  readonly upstreamHeaders: HeaderRecord | undefined
  readonly spool: string | undefined
  readonly jaegerUiUrl: string | undefined
  readonly streamAuth: 'token' | 'id'
  readonly insecure: boolean
  readonly corsOrigins: readonly string[]
  readonly allowedHosts: readonly string[]
  readonly trustProxy: TrustProxy | undefined
  readonly runBy: RunBy
  readonly redisUrl: string | undefined
  readonly redisPrefix: string
  readonly redisCluster: boolean
  /** Price lists, in the order in which they are asked. */
  readonly prices: readonly Prices[]
  readonly priceUpdateMs: number | undefined
  readonly priceDataUrl: string | undefined
  readonly limits: BridgeLimits
  /** Limits of the ring that were given; only without `registry` and `store`. */
  readonly ringLimits: Partial<RunLimits>
}

interface Spec<T, Default extends T | undefined = T | undefined> {
  readonly kind: Kind<T>
  readonly default: Default
  /** One line, for the command line's help. */
  readonly doc: string
  /** Never shown, not even in an error. */
  readonly secret?: boolean
  /** What a flag may give, where others could read what a variable may hold. */
  readonly inFlag?: Kind<T>
}

const MIB = 1024 * 1024

/** Every option that has a variable: `SPANCAST_` and the name in capitals. */
const OPTIONS = {
  host: spec(hostName, '127.0.0.1', 'Address to bind to.'),
  port: spec(wholeNumber(0, 65_535), 4319, 'Port to bind to; 0 picks a free one.'),
  token: spec(bearerToken, undefined, 'Bearer token that guards the bridge.', true),
  ingestToken: spec(bearerToken, undefined, 'Bearer token for OTLP senders.', true),
  upstreamUrl: spec(baseUrl, undefined, 'OTLP/HTTP receiver that traces are passed on to.'),
  upstreamHeaders: spec(extraHeaders, undefined, 'Headers for the upstream, name=value,...', true),
  spool: spec(path, undefined, 'Directory for requests that wait for the upstream.'),
  jaegerUiUrl: spec(webUrl, undefined, 'Jaeger that the page links traces to.'),
  streamAuth: spec(oneOf('token', 'id'), 'token', 'What streams of a run ask for.'),
  insecure: spec(flag, false, 'Serve other machines without a token.'),
  corsOrigins: spec(origins, [], 'Origins whose pages may call the bridge.'),
  allowedHosts: spec(hostPatterns, [], 'Host names for requests without a token.'),
  trustProxy: spec(trustedProxies, undefined, 'Proxies whose X-Forwarded-For is believed.'),
  runBy: spec(oneOf('trace', 'conversation'), 'trace', 'What a run is that nobody has named.'),
  redisUrl: {
    ...spec(redisUrl, undefined, 'Redis or Valkey that runs live in, for several bridges.', true),
    inFlag: openRedisUrl,
  },
  redisPrefix: spec(keyPrefix, 'spancast', 'What the names of all keys in Redis begin with.'),
  redisCluster: spec(flag, false, 'The Redis is a node of a cluster.'),
  priceUpdateMs: spec(milliseconds(60_000), undefined, 'How often newer prices are fetched.'),
  priceDataUrl: spec(webUrl, undefined, 'Where newer prices come from.'),
}

const LIMITS: { readonly [Name in keyof BridgeLimits]: Spec<number, number> } = {
  maxStreamMs: spec(milliseconds(), 300_000, 'Length of a stream.'),
  heartbeatMs: spec(milliseconds(), 15_000, 'Time between two heartbeats of a stream.'),
  waitMs: spec(milliseconds(0, 60_000), 10_000, 'Wait for a run that is not known yet.'),
  maxReaderBytes: spec(wholeNumber(1), MIB, 'Bytes that a live reader may be behind.'),
  maxReaderLagMs: spec(milliseconds(), 30_000, 'Time that a live reader may be behind.'),
  maxStreams: spec(wholeNumber(1), 10_000, 'Streams open at once.'),
  maxStreamsPerClient: spec(wholeNumber(1), 100, 'Streams open at once for one client address.'),
  maxInvokeBytes: spec(wholeNumber(1), MIB, 'Bytes of an invoke body.'),
  maxInvokes: spec(wholeNumber(1), 100, 'Workflows that run at once.'),
  bodyTimeoutMs: spec(milliseconds(), 30_000, 'Time for a request body to arrive.'),
  maxOtlpBytes: spec(wholeNumber(1), 64 * MIB, 'Bytes of an OTLP body, inflated.'),
  maxIngestBytes: spec(wholeNumber(1), 256 * MIB, 'Bytes of OTLP bodies in flight.'),
  maxQueueBytes: spec(wholeNumber(1024), 64 * MIB, 'Bytes that wait for the upstream.'),
}

/** One line of the tables. */
export type OptionSpec = Spec<unknown>
/** The tables, for the flags of the command line. */
export const OPTION_SPECS: Readonly<Record<string, OptionSpec>> = OPTIONS
export const BRIDGE_LIMIT_SPECS: Readonly<Record<string, OptionSpec>> = LIMITS

const RING_LIMITS = Object.keys(DEFAULT_RUN_LIMITS) as (keyof RunLimits)[]
const BRIDGE_LIMITS = Object.keys(LIMITS) as (keyof BridgeLimits)[]
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

/**
 * The options that environment variables give: `SPANCAST_PORT`, `SPANCAST_MAX_EVENTS` and so on. An empty variable
 * is one that is not set; lists are separated by commas.
 *
 * @throws SpancastError `invalid-option` that names the variable, what is expected, and what came.
 */
export function configFromEnv(env: Readonly<Record<string, string | undefined>>): BridgeOptions {
  const options: Record<string, unknown> = {}
  for (const [name, { kind, secret }] of Object.entries<Spec<unknown>>(OPTIONS)) {
    const value = valueIn(env, name, kind, secret)
    if (value !== undefined) options[name] = value
  }
  const limits: Record<string, unknown> = {}
  for (const name of [...BRIDGE_LIMITS, ...RING_LIMITS]) {
    const kind = name in LIMITS ? LIMITS[name as keyof BridgeLimits].kind : wholeNumber(1)
    const value = valueIn(env, name, kind, false)
    if (value !== undefined) limits[name] = value
  }
  // Each value was accepted by the kind of the option that it is stored under.
  return { ...options, limits } as BridgeOptions
}

function spec<T, Default extends T | undefined>(
  kind: Kind<T>,
  fallback: Default,
  doc: string,
  secret = false,
): Spec<T, Default> {
  return { kind, default: fallback, doc, secret }
}

function read<T, Default extends T | undefined>(
  name: string,
  { kind, default: fallback, secret }: Spec<T, Default>,
  value: unknown,
): T | Default {
  if (value === undefined) return fallback
  if (kind.accepts(value)) return value
  throw invalid(`Expected \`${name}\` to be ${kind.expected}, got ${shown(value, secret)}.`)
}

function valueIn<T>(
  env: Readonly<Record<string, string | undefined>>,
  name: string,
  kind: Kind<T>,
  secret: boolean | undefined,
): T | undefined {
  const variable = `SPANCAST_${name.replace(/[A-Z]/g, '_$&').toUpperCase()}`
  const text = env[variable]
  if (text === undefined || text === '') return undefined
  const value = kind.fromText(text)
  if (kind.accepts(value)) return value
  throw invalid(`Expected ${variable} to be ${kind.expected}, got ${shown(text, secret)}.`)
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

function shown(value: unknown, secret: boolean | undefined): string {
  if (secret === true) return value === '' ? 'an empty one' : 'another value'
  if (Array.isArray(value)) return `[${value.map(String).join(', ')}]`
  return typeof value === 'string' ? `'${value}'` : String(value)
}

function invalid(message: string): SpancastError {
  return new SpancastError('invalid-option', message)
}
