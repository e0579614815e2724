import type { ObserverRegistry, Prices, RunBy, RunLimits } from '@spancast/sdk'
import type { HeaderRecord } from '../header-record.ts'
import type { BridgeLimits, TrustProxy } from '../options.ts'
import type { RunStore } from '../store/run-store.ts'
import type { Registered } from '../workflows/workflow.ts'

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
