import { SpancastError } from '@spancast/sdk'
import { type Clock, systemClock } from './clock.ts'
import type { ForwardNotice } from './notices.ts'

export interface ForwarderOptions {
  /** Base URL of the OTLP endpoint, such as `http://localhost:4318`; the request's path is added to it. */
  readonly upstreamUrl: string
  /** Sent along with each request. Default: none. */
  readonly headers?: Readonly<Record<string, string>> | undefined
  /** Names this bridge in `Via`: 1 to 128 of `A-Za-z0-9_-`. */
  readonly instanceId: string
  /**
   * Bytes of requests that wait, in memory or in the spool; each counts for at least 1 KiB. When full, `offer` refuses.
   * From 1 024 up. Default 64 MiB.
   */
  readonly maxQueueBytes?: number | undefined
  /** Folder that keeps accepted requests on disk. Default: none, they are kept in memory. */
  readonly spoolDir?: string | undefined
  /** Requests in flight at once. From 1 up. Default 8. */
  readonly maxInFlight?: number | undefined
  /** Time without progress, or for the answer once all was sent, in milliseconds. From 1 up. Default 30 s. */
  readonly timeoutMs?: number | undefined
  /** Longest wait after a first failure, in milliseconds; it doubles from there. From 1 up. Default 500. */
  readonly retryBaseMs?: number | undefined
  /** Longest wait between two attempts, in milliseconds. From 1 up. Default 10 s. */
  readonly retryCapMs?: number | undefined
  /** Time between two notices of one kind, in milliseconds. From 0 up. Default 1 min. */
  readonly noticeEveryMs?: number | undefined
  /** Hears what the operator should know. Default: nobody. */
  readonly onNotice?: ((notice: ForwardNotice) => void) | undefined
  readonly clock?: Clock | undefined
  /** From 0 up to, not including, 1. Default `Math.random`. */
  readonly random?: (() => number) | undefined
}

/** The options as they hold: checked, with defaults. */
export interface ForwarderConfig {
  readonly upstreamUrl: URL
  readonly headers: Readonly<Record<string, string>>
  readonly instanceId: string
  readonly maxQueueBytes: number
  readonly spoolDir: string | undefined
  readonly maxInFlight: number
  readonly timeoutMs: number
  readonly retryBaseMs: number
  readonly retryCapMs: number
  readonly noticeEveryMs: number
  readonly onNotice: (notice: ForwardNotice) => void
  readonly clock: Clock
  readonly random: () => number
}

const MIB = 1024 * 1024
const INSTANCE = /^[\w-]{1,128}$/

/** @throws SpancastError `invalid-option` that names the option, what is expected, and what came. */
export function readForwarderOptions(options: ForwarderOptions): ForwarderConfig {
  return {
    upstreamUrl: upstreamUrlOf(options.upstreamUrl),
    headers: options.headers ?? {},
    instanceId: instanceIdOf(options.instanceId),
    maxQueueBytes: atLeast(1024, 'maxQueueBytes', options.maxQueueBytes ?? 64 * MIB),
    spoolDir: options.spoolDir,
    maxInFlight: atLeast(1, 'maxInFlight', options.maxInFlight ?? 8),
    timeoutMs: atLeast(1, 'timeoutMs', options.timeoutMs ?? 30_000),
    retryBaseMs: atLeast(1, 'retryBaseMs', options.retryBaseMs ?? 500),
    retryCapMs: atLeast(1, 'retryCapMs', options.retryCapMs ?? 10_000),
    noticeEveryMs: atLeast(0, 'noticeEveryMs', options.noticeEveryMs ?? 60_000),
    onNotice: options.onNotice ?? (() => {}),
    clock: options.clock ?? systemClock,
    random: options.random ?? Math.random,
  }
}

function upstreamUrlOf(value: string): URL {
  const url = URL.canParse(value) ? new URL(value) : undefined
  const isBase = url !== undefined && /^https?:$/.test(url.protocol) && !url.search && !url.hash
  if (isBase) return url
  const shown = JSON.stringify(value.replace(/\/\/[^/]*@/, '//...@'))
  throw new SpancastError(
    'invalid-option',
    `Expected \`upstreamUrl\` to be an http or https URL without a query, got ${shown}. Give the base, such as http://localhost:4318.`,
  )
}

function instanceIdOf(value: string): string {
  if (INSTANCE.test(value)) return value
  throw new SpancastError(
    'invalid-option',
    `Expected \`instanceId\` to be 1 to 128 of A-Z a-z 0-9 _ -, got ${JSON.stringify(value)}.`,
  )
}

function atLeast(least: number, name: string, value: number): number {
  if (Number.isSafeInteger(value) && value >= least) return value
  throw new SpancastError(
    'invalid-option',
    `Expected \`${name}\` to be a whole number from ${least} up, got ${String(value)}.`,
  )
}
