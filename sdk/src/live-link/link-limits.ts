import { SpancastError } from '../errors.ts'

/** How much waits for a bridge that is away or slow. Whole numbers from 1 up. */
export interface LinkLimits {
  /** Estimated bytes of waiting events: chunks go first, then the oldest events. Default 16 MiB. */
  readonly maxLinkBytes: number
  /** Waiting events; what goes first is the same. Default 50 000. */
  readonly maxLinkEvents: number
}

export const DEFAULT_LINK_LIMITS: LinkLimits = Object.freeze({
  maxLinkBytes: 16 * 1024 * 1024,
  maxLinkEvents: 50_000,
})

/**
 * The limits with defaults for what is not given.
 *
 * @throws SpancastError `invalid-option` for a value that is no whole number from 1 up.
 */
export function linkLimits(given: Partial<LinkLimits> = {}): LinkLimits {
  const limits = { ...DEFAULT_LINK_LIMITS }
  for (const name of ['maxLinkBytes', 'maxLinkEvents'] as const) {
    const value = given[name]
    if (value === undefined) continue
    if (!Number.isSafeInteger(value) || value < 1) {
      throw new SpancastError(
        'invalid-option',
        `Expected \`${name}\` to be a whole number from 1 up, got ${String(value)}.`,
      )
    }
    limits[name] = value
  }
  return limits
}
