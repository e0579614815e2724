import { BridgeError } from '../errors.ts'

const MAX_WAIT_SECONDS = 60

/**
 * How long a stream may wait for a run that is not known yet, in milliseconds.
 *
 * @param value - `?wait=`: seconds, 0 to 60.
 * @throws BridgeError `invalid-wait`.
 */
export function requestWaitMs(value: unknown, defaultMs: number): number {
  if (value === undefined) return defaultMs
  const seconds =
    typeof value === 'string' && /^[0-9]{1,2}(\.[0-9]{1,3})?$/.test(value) ? Number(value) : -1
  if (seconds >= 0 && seconds <= MAX_WAIT_SECONDS) return seconds * 1000
  throw new BridgeError(
    'invalid-wait',
    `Expected \`wait\` to be seconds from 0 to ${MAX_WAIT_SECONDS}, got ${shown(value)}.`,
  )
}

/** A value of the query as a message may quote it. */
export function shown(value: unknown): string {
  return typeof value === 'string' ? JSON.stringify(value.slice(0, 40)) : 'several values'
}
