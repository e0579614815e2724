import type { Request, RequestHandler, Response } from 'express'
import { BridgeError } from '../errors.ts'
import { quoted } from '../problem.ts'
import type { Invocation, Invocations, InvokeRequest } from '../workflows/invocations.ts'
import { assertRunId } from './params.ts'

export interface InvokeDeps {
  readonly invocations: Invocations
  /** Where the run's stream is, with a token in it if it needs one. */
  streamUrl(req: Request, randomId: string): string
}

/** `POST /api/workflow/invoke`: runs a workflow, and answers when it is done, or at once if that is preferred. */
export function invokeRoute({ invocations, streamUrl }: InvokeDeps): RequestHandler {
  return async (req, res) => {
    const invocation = await invocations.reserve(invokeRequestIn(req.body))
    const { randomId } = invocation
    res.setHeader('Cache-Control', 'no-store')
    if (prefersAsync(req)) {
      res.setHeader('Preference-Applied', 'respond-async')
      res.setHeader('Location', `${req.baseUrl}/api/agents/${randomId}`)
      res.status(202).json({ randomId, streamUrl: streamUrl(req, randomId) })
      // Its end, good or bad, is told by the run's events.
      invocation.run().catch(() => {})
      return
    }
    await answer(res, invocation)
  }
}

async function answer(res: Response, invocation: Invocation): Promise<void> {
  const { randomId } = invocation
  let result: unknown
  try {
    result = await invocation.run()
  } catch (error) {
    // What was thrown may be private: it is on the run's events, as the content rules let it.
    const outcome = invocation.signal.aborted ? 'was cancelled' : 'failed'
    const detail = `The workflow ${outcome}; the events of run ${randomId} tell why.`
    throw new BridgeError('workflow-failed', detail, { extra: { randomId }, cause: error })
  }
  res.type('application/json').send(resultJson(result, randomId))
}

/** `{ ...result, randomId }`, or `{ result, randomId }` if the result is not an object. */
function resultJson(result: unknown, randomId: string): string {
  try {
    const json = JSON.stringify(result) ?? 'null'
    if (!json.startsWith('{')) return `{"result":${json},"randomId":"${randomId}"}`
    return JSON.stringify({ ...(JSON.parse(json) as object), randomId })
  } catch (error) {
    const detail = `Expected the workflow to return what JSON can hold; what it returned cannot be sent. The run itself, ${randomId}, succeeded.`
    throw new BridgeError('result-not-json', detail, { extra: { randomId }, cause: error })
  }
}

function invokeRequestIn(body: unknown): InvokeRequest {
  if (typeof body !== 'object' || body === null || Array.isArray(body)) {
    throw new BridgeError(
      'invalid-request',
      'Expected a JSON object { workflow, input, randomId? } as the body, got something else.',
    )
  }
  const { workflow, input, randomId } = body as Record<string, unknown>
  if (typeof workflow !== 'string') {
    const detail = `Expected \`workflow\` to be the name of a workflow, got ${quoted(workflow)}.`
    throw new BridgeError('invalid-request', detail)
  }
  if (randomId === undefined) return { workflow, input }
  assertRunId(randomId)
  return { workflow, input, randomId }
}

/** RFC 7240: `Prefer: respond-async`, alone or among others. */
function prefersAsync(req: Request): boolean {
  const preferences = (req.get('Prefer') ?? '').split(',')
  return preferences.some((one) => one.split(/[;=]/)[0]?.trim().toLowerCase() === 'respond-async')
}
