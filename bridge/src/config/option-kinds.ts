import { type HeaderRecord, headersFrom, isHeaderRecord } from '../header-record.ts'
import { isRedisUrl, KEY_PREFIX } from '../store/redis/options.ts'

/** What values an option takes. */
export interface Kind<T> {
  /** Follows "Expected `x` to be". */
  readonly expected: string
  accepts(value: unknown): value is T
  /** What a variable's text means; an option is checked with `accepts` afterwards. */
  fromText(text: string): unknown
}

const MAX_TIMER_MS = 2_147_483_647

export function wholeNumber(min: number, max: number = Number.MAX_SAFE_INTEGER): Kind<number> {
  const upTo = max === Number.MAX_SAFE_INTEGER ? `${min} up` : `${min} to ${max}`
  return {
    expected: `a whole number from ${upTo}`,
    accepts: (value): value is number =>
      typeof value === 'number' && Number.isSafeInteger(value) && value >= min && value <= max,
    fromText: numberFrom,
  }
}

/** Milliseconds that a timer can wait: beyond the limit it would fire at once. */
export function milliseconds(min = 1, max: number = MAX_TIMER_MS): Kind<number> {
  const { accepts, fromText } = wholeNumber(min, max)
  return { expected: `milliseconds, a whole number from ${min} to ${max}`, accepts, fromText }
}

export const flag: Kind<boolean> = {
  expected: 'true or false',
  accepts: (value): value is boolean => typeof value === 'boolean',
  fromText: booleanFrom,
}

export const hostName: Kind<string> = {
  expected: 'a host name or address without port, such as 127.0.0.1',
  accepts: (value): value is string => typeof value === 'string' && /^[\w.:-]+$/.test(value),
  fromText: (text) => text,
}

export const bearerToken: Kind<string> = {
  expected: 'visible ASCII characters without spaces, at least one',
  accepts: (value): value is string => typeof value === 'string' && /^[\x21-\x7e]+$/.test(value),
  fromText: (text) => text,
}

export const baseUrl: Kind<string> = {
  expected: 'the base URL of an OTLP/HTTP receiver, such as http://localhost:4318',
  accepts: isWebUrl,
  fromText: (text) => text,
}

export const extraHeaders: Kind<HeaderRecord> = {
  expected:
    'headers such as authorization=Bearer%20x,x-scope=team, and none that a request has of its own',
  accepts: isHeaderRecord,
  fromText: headersFrom,
}

export const redisUrl: Kind<string> = {
  expected: 'a URL such as redis://host:6379/0, or rediss://host:6380 for TLS',
  accepts: isRedisUrl,
  fromText: (text) => text,
}

/** As others on the machine may see it. */
export const openRedisUrl: Kind<string> = {
  expected:
    'a URL such as redis://host:6379/0 without a password, which others on this machine could read: SPANCAST_REDIS_URL may hold one',
  accepts: (value): value is string => isRedisUrl(value) && new URL(value).password === '',
  fromText: (text) => text,
}

export const keyPrefix: Kind<string> = {
  expected: '1 to 64 of A-Z a-z 0-9 _ : . -',
  accepts: (value): value is string => typeof value === 'string' && KEY_PREFIX.test(value),
  fromText: (text) => text,
}

export const webUrl: Kind<string> = {
  expected: 'a URL such as https://example.com/data.json',
  accepts: baseUrl.accepts,
  fromText: (text) => text,
}

export const path: Kind<string> = {
  expected: 'a path',
  accepts: (value): value is string => typeof value === 'string' && value !== '',
  fromText: (text) => text,
}

export function oneOf<T extends string>(...choices: readonly T[]): Kind<T> {
  return {
    expected: choices.map((choice) => `'${choice}'`).join(' or '),
    accepts: (value): value is T => choices.some((choice) => choice === value),
    fromText: (text) => text,
  }
}

export const origins: Kind<readonly string[]> = {
  expected: 'a list of origins such as https://app.example.com, each spelt out, without a path',
  accepts: (value): value is readonly string[] => isListOf(value, isOrigin),
  fromText: itemsOf,
}

export const hostPatterns: Kind<readonly string[]> = {
  expected: 'a list of host names without port, such as bridge.example.com or .example.com',
  accepts: (value): value is readonly string[] =>
    isListOf(value, (item) => /^(\.?[\w-]+(\.[\w-]+)*|\[?[\da-fA-F:]+\]?)$/.test(item)),
  fromText: itemsOf,
}

export const trustedProxies: Kind<boolean | number | string | readonly string[]> = {
  expected: 'true, false, a number of hops, or addresses of proxies',
  accepts: (value): value is boolean | number | string | readonly string[] =>
    typeof value === 'boolean' ||
    typeof value === 'string' ||
    (typeof value === 'number' && Number.isSafeInteger(value) && value >= 0) ||
    isListOf(value, (item) => item !== ''),
  fromText: (text) => {
    const flagged = booleanFrom(text)
    if (flagged !== text && !/^[01]$/.test(text)) return flagged
    const hops = numberFrom(text)
    return hops === text ? itemsOf(text) : hops
  },
}

function isWebUrl(value: unknown): value is string {
  return typeof value === 'string' && /^https?:\/\//.test(value) && URL.canParse(value)
}

function isListOf(value: unknown, accepts: (item: string) => boolean): value is string[] {
  return Array.isArray(value) && value.every((item) => typeof item === 'string' && accepts(item))
}

function isOrigin(item: string): boolean {
  // The origin of what is no web page is the text "null", which is never let in.
  return !item.includes('*') && URL.canParse(item) && new URL(item).origin === item
}

function numberFrom(text: string): unknown {
  return /^\d+$/.test(text) ? Number(text) : text
}

function booleanFrom(text: string): unknown {
  const lower = text.toLowerCase()
  if (lower === 'true' || lower === '1') return true
  return lower === 'false' || lower === '0' ? false : text
}

function itemsOf(text: string): string[] {
  return text
    .split(',')
    .map((item) => item.trim())
    .filter((item) => item !== '')
}
