import type { RequestHandler } from 'express'
import { BridgeError } from '../errors.ts'
import type { Invocations } from '../workflows/invocations.ts'
import { runIdOf } from './params.ts'

/** `POST /api/agents/:randomId/cancel`: fires the signal of a run that was invoked here. */
export function cancelRoute({
  invocations,
}: {
  readonly invocations: Invocations
}): RequestHandler {
  return (req, res) => {
    const randomId = runIdOf(req)
    if (!invocations.cancel(randomId)) {
      const detail = `Expected a run that was invoked here and still goes on, got ${randomId}.`
      throw new BridgeError('not-cancellable', detail, { extra: { randomId } })
    }
    res.setHeader('Cache-Control', 'no-store')
    res.status(202).json({ randomId })
  }
}
