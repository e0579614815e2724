import type { ObserverRegistry, Prices, RunBy, RunLimits } from '@spancast/sdk'
import type { ForwardNotice } from './forward/notices.ts'
import type { HeaderRecord } from './header-record.ts'
import type { RunStore } from './store/run-store.ts'
import type { Workflows } from './workflows/workflow.ts'

/** How much the bridge serves at once, and for how long. All whole numbers from 1 up where nothing else is said. */
export interface BridgeLimits {
  /** Length of a stream, in milliseconds, plus or minus a tenth; then its reader is told to resume. Default 5 minutes. */
  readonly maxStreamMs: number
  /** A comment goes to each reader this often, in milliseconds. Default 15 s. */
  readonly heartbeatMs: number
  /** Wait for a run that is not known yet before a stream answers 404, in milliseconds, 0 to 60 000. Default 10 s. */
  readonly waitMs: number
  /** Bytes that a live reader may be behind before its stream ends as `too-slow`. Default 1 MiB. */
  readonly maxReaderBytes: number
  /** Milliseconds that a live reader may be behind before its stream ends as `too-slow`. Default 30 s. */
  readonly maxReaderLagMs: number
  /** Streams open at once; more are refused with 429. Default 10 000. */
  readonly maxStreams: number
  /** Streams open at once for one client address; more are refused with 429. Default 100. */
  readonly maxStreamsPerClient: number
  /** Bytes of an invoke body, inflated; a larger one is refused with 413. Default 1 MiB. */
  readonly maxInvokeBytes: number
  /** Workflows invoked here that run at once; more are refused with 429. Default 100. */
  readonly maxInvokes: number
  /** Time for a request body to arrive, in milliseconds; then it is refused with 408. Default 30 s. */
  readonly bodyTimeoutMs: number
  /** Bytes of an OTLP body, inflated; a larger one is refused with 413. Default 64 MiB. */
  readonly maxOtlpBytes: number
  /** Bytes of OTLP bodies that are being read or decoded at once; more are refused with 503. Default 256 MiB. */
  readonly maxIngestBytes: number
  /** Bytes of OTLP requests that wait for the upstream, from 1 024 up; more are refused with 503. Default 64 MiB. */
  readonly maxQueueBytes: number
}

/** Whose `X-Forwarded-For` is believed, as Express's `trust proxy` takes it. */
export type TrustProxy = boolean | number | string | readonly string[]

/** What the operator should hear of. `message` is a sentence for people; the rest is for programs. */
export type BridgeNotice =
  | ForwardNotice
  | {
      /** The store does not answer, or does again. */
      readonly type: 'store.away' | 'store.back'
      readonly message: string
    }
  | {
      /** Said at the end, if something still waits for the upstream. */
      readonly type: 'queue.left'
      readonly message: string
      readonly requests: number
      readonly spooled: boolean
    }

/** What `createBridge` takes. Everything has a default. */
export interface BridgeOptions {
  /** The runs to serve. Default: the registry that the SDK records to in this process. Not beside `store`. */
  readonly registry?: ObserverRegistry | undefined
  /** Where runs live, in place of a registry. The bridge does not close it. */
  readonly store?: RunStore | undefined
  /**
   * Where runs live when several bridges share them: `redis://[[user][:password]@]host[:port][/database]`, `rediss://`
   * for TLS. Redis or Valkey, 7 or newer. The bridge opens and closes it; `store: redisStore()` takes more options.
   * Default: runs live in this process.
   */
  readonly redisUrl?: string | undefined
  /** What the names of all keys in Redis begin with. Default `spancast`. */
  readonly redisPrefix?: string | undefined
  /** Whether `redisUrl` names a node of a Redis Cluster. Default `false`. */
  readonly redisCluster?: boolean | undefined
  /** What `POST /api/workflow/invoke` may run, by name. Default: nothing. */
  readonly workflows?: Workflows | undefined
  /** Address that `listen` binds to. Without `token` only a loopback one. Default `127.0.0.1`. */
  readonly host?: string | undefined
  /** Port that `listen` binds to; 0 picks a free one. Default 4319. */
  readonly port?: number | undefined
  /** Bearer token that guards everything but health and the page's files. Default: none, and then only this machine is served. */
  readonly token?: string | undefined
  /** Bearer token for OTLP senders. Default: `token`. */
  readonly ingestToken?: string | undefined
  /**
   * Base URL of an OTLP/HTTP receiver, such as a Jaeger's `http://localhost:4318`: traces that arrive here are passed
   * on to it as they came. Default: nowhere. Never taken from `OTEL_*`, which point agents here.
   */
  readonly upstreamUrl?: string | undefined
  /**
   * Headers for the upstream, such as `{ authorization: 'Bearer x' }`; never shown or logged. Not those that a request
   * has of its own, such as `Content-Type` or `Host`. In the environment: `name=value,name=value`, values
   * percent-encoded, as `OTEL_EXPORTER_OTLP_HEADERS` has them. Default: none.
   */
  readonly upstreamHeaders?: HeaderRecord | undefined
  /**
   * Directory that accepted OTLP requests are kept in until the upstream has taken them, so that not even a killed
   * bridge loses one. Default: they wait in memory.
   */
  readonly spool?: string | undefined
  /** URL of a Jaeger's own pages, such as `http://localhost:16686`: the live page links to its traces. Default: no links. */
  readonly jaegerUiUrl?: string | undefined
  /**
   * What a run's stream and events ask for when there is a `token`: it or a stream token (`'token'`, the default),
   * or no more than the run's id (`'id'`).
   */
  readonly streamAuth?: 'token' | 'id' | undefined
  /** Something else guards the bridge: without a `token` others than this machine are served too. Default `false`. */
  readonly insecure?: boolean | undefined
  /** Origins, such as `https://app.example.com`, whose pages may call the bridge. Default: only its own. */
  readonly corsOrigins?: readonly string[] | undefined
  /**
   * Host names, beside those of this machine, that requests without a token may be addressed to; `.example.com`
   * means all below it. Default: the host that `listen` was given.
   */
  readonly allowedHosts?: readonly string[] | undefined
  /** Proxies whose `X-Forwarded-For` is believed. Default: what the app says that the router is mounted in; else none. */
  readonly trustProxy?: TrustProxy | undefined
  /**
   * What a run is, among spans that arrive over OTLP, that nobody has named: a trace (`'trace'`, the default), or all
   * traces of a conversation (`'conversation'`), where spans name one. Such a run goes by the conversation's id, or a
   * hash of it, and ends when it has been silent for `runIdleMs`.
   */
  readonly runBy?: RunBy | undefined
  /**
   * What a model call costs, in US dollars, where its span carries no cost. What this does not know is asked of
   * `@pydantic/genai-prices`, if that is installed. Default: that alone; `false`: no prices.
   */
  readonly prices?: Prices | false | undefined
  /**
   * How often newer prices are fetched for `@pydantic/genai-prices`, in milliseconds, the first time at once. From
   * 60 000 up. Default: never, prices are those of the installed version.
   */
  readonly priceUpdateMs?: number | undefined
  /**
   * Where newer prices come from: JSON in the form of that project's `data.json`, version 2. Given alone, it is
   * fetched once. Default: that project's newest.
   */
  readonly priceDataUrl?: string | undefined
  /** Hears of what the operator should know: an upstream that is away, a queue that is full. Default: nobody. */
  readonly onNotice?: ((notice: BridgeNotice) => void) | undefined
  /** The bridge's own limits; without `registry` and `store`, those of the shared registry too. */
  readonly limits?: Partial<BridgeLimits & RunLimits> | undefined
}
