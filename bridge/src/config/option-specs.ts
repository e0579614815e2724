import type { RunLimits } from '@spancast/sdk'
import { DEFAULT_RUN_LIMITS } from '@spancast/sdk/internal'
import type { BridgeLimits } from '../options.ts'
import type { BridgeConfig } from './bridge-config.ts'
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

/** What a value must be, and what holds where none is given. */
export interface Spec<T, Default extends T | undefined = T | undefined> {
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

type WithoutVariable = 'registry' | 'store' | 'workflows' | 'prices' | 'limits' | 'ringLimits'
type OptionName = Exclude<keyof BridgeConfig, WithoutVariable>
type OptionSpecs = {
  readonly [Name in OptionName]: Spec<
    NonNullable<BridgeConfig[Name]>,
    undefined extends BridgeConfig[Name] ? undefined : NonNullable<BridgeConfig[Name]>
  >
}

/** Every option that has a variable: `SPANCAST_` and the name in capitals. */
export const OPTION_SPECS: OptionSpecs = {
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

/** Every limit of the bridge itself. */
export const BRIDGE_LIMIT_SPECS: { readonly [Name in keyof BridgeLimits]: Spec<number, number> } = {
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

/** The names of the limits of runs, and of the bridge's own. */
export const RING_LIMITS: readonly (keyof RunLimits)[] = Object.keys(
  DEFAULT_RUN_LIMITS,
) as (keyof RunLimits)[]
export const BRIDGE_LIMITS: readonly (keyof BridgeLimits)[] = Object.keys(
  BRIDGE_LIMIT_SPECS,
) as (keyof BridgeLimits)[]

function spec<T, Default extends T | undefined>(
  kind: Kind<T>,
  fallback: Default,
  doc: string,
  secret = false,
): Spec<T, Default> {
  return { kind, default: fallback, doc, secret }
}
