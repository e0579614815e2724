import type { RunLimits } from '@spancast/sdk'
import { SpancastError } from '@spancast/sdk'
import { runLimits } from '@spancast/sdk/internal'

export interface RedisStoreOptions {
  /**
   * `redis://[[user][:password]@]host[:port][/database]`, or `rediss://` for TLS. Of Redis or Valkey, 7 or newer.
   * Default: `redis://127.0.0.1:6379`. What is secret in it is never shown.
   */
  readonly url?: string | undefined
  /** What the names of all keys and channels begin with: 1 to 64 of `A-Za-z0-9_:.-`. Default `spancast`. */
  readonly keyPrefix?: string | undefined
  /** Whether the URL names a node of a cluster; the others are found by it. Default `false`. */
  readonly cluster?: boolean | undefined
  /** How much is kept of runs, and for how long. All bridges of one store should be given the same. */
  readonly limits?: Partial<RunLimits> | undefined
  /**
   * How long a bridge that does not answer keeps what it was folding, in milliseconds, from 300 up: then another one
   * goes on with it. Default 3 s.
   */
  readonly leaseMs?: number | undefined
  /**
   * How long the ids of runs that were let go are remembered, at most 100,000 of them, so that who asks for one is told
   * that it went (410) and not that it never was (404). In milliseconds, from 1000 up. Default: a day.
   */
  readonly rememberMs?: number | undefined
}

/** The options as they hold. */
export interface RedisStoreConfig {
  readonly url: string
  readonly keyPrefix: string
  readonly cluster: boolean
  readonly limits: RunLimits
  readonly leaseMs: number
  readonly rememberMs: number
}

const KNOWN: ReadonlySet<string> = new Set([
  'url',
  'keyPrefix',
  'cluster',
  'limits',
  'leaseMs',
  'rememberMs',
])
/** What names of keys may begin with. */
export const KEY_PREFIX: RegExp = /^[A-Za-z0-9_:.-]{1,64}$/
const LEAST_LEASE_MS = 300
const LEAST_REMEMBER_MS = 1000
const DAY_MS = 24 * 3_600_000

/** @throws SpancastError `invalid-option`. */
export function readRedisOptions(options: RedisStoreOptions): RedisStoreConfig {
  const unknown = Object.keys(options).find((name) => !KNOWN.has(name))
  if (unknown !== undefined) {
    throw invalid(
      `Expected an option of redisStore to be one of ${[...KNOWN].join(', ')}, got \`${unknown}\`.`,
    )
  }
  const { url = 'redis://127.0.0.1:6379', keyPrefix = 'spancast', cluster = false } = options
  const { leaseMs = 3000, rememberMs = DAY_MS } = options
  if (!isRedisUrl(url)) {
    // Not what came: it may hold a password.
    throw invalid('Expected `url` to be a URL such as redis://host:6379/0 or rediss://host:6380.')
  }
  if (!KEY_PREFIX.test(keyPrefix)) {
    throw invalid(
      `Expected \`keyPrefix\` to be 1 to 64 of A-Z a-z 0-9 _ : . -, got ${JSON.stringify(keyPrefix)}.`,
    )
  }
  checkMs('leaseMs', leaseMs, LEAST_LEASE_MS)
  checkMs('rememberMs', rememberMs, LEAST_REMEMBER_MS)
  return { url, keyPrefix, cluster, limits: runLimits(options.limits), leaseMs, rememberMs }
}

/** Whether a Redis can be reached by it, as far as its text says. */
export function isRedisUrl(text: unknown): text is string {
  if (typeof text !== 'string' || !URL.canParse(text)) return false
  const { protocol, hostname, pathname } = new URL(text)
  const known = protocol === 'redis:' || protocol === 'rediss:'
  return known && hostname !== '' && /^\/?\d*$/.test(pathname)
}

/** Where a URL points to, without what is secret in it. */
export function shownUrl(url: string): string {
  const { protocol, host, pathname } = new URL(url)
  return `${protocol}//${host}${pathname === '/' ? '' : pathname}`
}

function checkMs(name: string, value: number, least: number): void {
  if (Number.isSafeInteger(value) && value >= least) return
  throw invalid(`Expected \`${name}\` to be a whole number from ${least} up, got ${String(value)}.`)
}

function invalid(message: string): SpancastError {
  return new SpancastError('invalid-option', message)
}
