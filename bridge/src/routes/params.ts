import { isRandomId } from '@spancast/sdk/internal'
import type { Request, RequestHandler } from 'express'
import { BridgeError } from '../errors.ts'
import { quoted } from '../problem.ts'

/** @throws BridgeError `invalid-random-id` for what cannot name a run. */
export function assertRunId(value: unknown): asserts value is string {
  if (isRandomId(value)) return
  throw new BridgeError(
    'invalid-random-id',
    `Expected a randomId of 8 to 128 of A-Z a-z 0-9 _ -, got ${quoted(value)}.`,
  )
}

/** Refuses paths whose `:randomId` cannot name a run. */
export const validRunId: RequestHandler = (req, _res, next) => {
  assertRunId(req.params.randomId)
  next()
}

/** Refuses paths whose `:namespace` cannot be one. */
export const validNamespace: RequestHandler = (req, _res, next) => {
  const { namespace } = req.params
  if (typeof namespace !== 'string' || namespace.length > 128 || namespace === '*') {
    throw new BridgeError(
      'invalid-namespace',
      `Expected a namespace of 1 to 128 characters that is not *, got ${quoted(namespace)}.`,
    )
  }
  next()
}

/** The `:randomId` of a path that `validRunId` has let through. */
export function runIdOf(req: Request): string {
  const { randomId } = req.params
  assertRunId(randomId)
  return randomId
}

/**
 * A whole number from the query.
 *
 * @returns `undefined` if it is not there.
 * @throws BridgeError `invalid-limit` for one that is not from 1 to `max`.
 */
export function limitIn(req: Request, max: number): number | undefined {
  const { limit } = req.query
  if (limit === undefined) return undefined
  const value = typeof limit === 'string' && /^\d{1,15}$/.test(limit) ? Number(limit) : 0
  if (value >= 1 && value <= max) return value
  throw new BridgeError(
    'invalid-limit',
    `Expected \`limit\` to be a whole number from 1 to ${max}, got ${quoted(limit)}.`,
  )
}
