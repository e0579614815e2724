import { type Client, createClient } from '@spancast/sdk/client'
import { bridgeAddress, URL_FLAG } from '../bridge-address.ts'
import type { CommandIo, Flag } from '../command.ts'
import { ask, isSilence } from '../doctor/asking.ts'
import type { GivenFlags } from '../given-flags.ts'
import { bridgeOptions, OPTION_FLAGS } from '../settings.ts'
import { UsageError } from '../usage-error.ts'
import { BridgeAway } from './failure.ts'

const RETRIES = 10

/** The flags of every command that asks a bridge. */
export const CONNECTION_FLAGS: readonly Flag[] = [
  URL_FLAG,
  ...OPTION_FLAGS.filter(({ name }) => name === 'token-file'),
  {
    name: 'retries',
    value: '<number>',
    doc: 'Tries in a row to get a lost connection back.',
    default: String(RETRIES),
  },
]

export interface Connected {
  readonly client: Client
  readonly url: string
  /** Whether a token is sent along. */
  readonly guarded: boolean
}

/**
 * A client of the bridge that flags and environment name.
 *
 * @throws UsageError for values that are none; BridgeAway if nobody answers.
 */
export async function connect(given: GivenFlags, { env }: CommandIo): Promise<Connected> {
  const options = await bridgeOptions(given, env)
  const url = bridgeAddress(given.value('url'), options)
  const maxRetries = wholeNumber(given, 'retries') ?? RETRIES
  const { token } = options
  const client = createClient({
    baseUrl: url,
    retry: { maxRetries },
    ...(token !== undefined && { token }),
  })
  // A stream is tried again for long; where there is no bridge, that is known at once.
  const answer = await ask(`${url}/healthz`)
  if (isSilence(answer)) throw new BridgeAway(url, answer.reason)
  await answer.body?.cancel()
  return { client, url, guarded: token !== undefined }
}

/** @throws UsageError for what is no whole number from 0 up. */
export function wholeNumber(given: GivenFlags, flag: string): number | undefined {
  const text = given.value(flag)
  if (text === undefined) return undefined
  if (/^\d{1,9}$/.test(text)) return Number(text)
  throw new UsageError(`Expected --${flag} to be a whole number from 0 up, got '${text}'.`)
}

const UNITS: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 }

/** @returns Milliseconds. @throws UsageError for what is no time, such as `30s`. */
export function timeSpan(given: GivenFlags, flag: string): number | undefined {
  const text = given.value(flag)
  if (text === undefined) return undefined
  const [, digits, unit = 's'] = /^(\d{1,6}(?:\.\d{1,3})?)(ms|s|m|h)?$/.exec(text) ?? []
  const ms = Number(digits) * (UNITS[unit] ?? 0)
  if (ms > 0) return ms
  throw new UsageError(`Expected --${flag} to be a time such as 500ms, 30s or 2m, got '${text}'.`)
}
