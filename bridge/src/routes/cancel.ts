import type { RequestHandler } from 'express'
import { BridgeError } from '../errors.ts'
import type { RunStore } from '../store/run-store.ts'
import type { Invocations } from '../workflows/invocations.ts'
import { runIdOf } from './params.ts'

export interface CancelDeps {
  readonly invocations: Invocations
  readonly store: Pick<RunStore, 'cancel'>
}

/** `POST /api/agents/:randomId/cancel`: fires the signal of a run that was invoked here, or at another replica. */
export function cancelRoute({ invocations, store }: CancelDeps): RequestHandler {
  return async (req, res) => {
    const randomId = runIdOf(req)
    if (!invocations.cancel(randomId) && !(await store.cancel(randomId))) {
      const detail = `Expected a run that was invoked here and still goes on, got ${randomId}.`
      throw new BridgeError('not-cancellable', detail, { extra: { randomId } })
    }
    res.setHeader('Cache-Control', 'no-store')
    res.status(202).json({ randomId })
  }
}
