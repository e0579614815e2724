import type { Request, RequestHandler } from 'express'
import type { StreamTokens } from '../security/stream-tokens.ts'
import { runIdOf } from './params.ts'
import { streamPath } from './stream-url.ts'

/** `POST /api/agents/:randomId/token`: mints a stream token. The run need not be known yet. */
export function tokenRoute({
  streamTokens,
}: {
  readonly streamTokens: StreamTokens
}): RequestHandler {
  return (req: Request, res) => {
    const randomId = runIdOf(req)
    const { token, expiresAt } = streamTokens.mint(randomId)
    res.setHeader('Cache-Control', 'no-store')
    res.json({ token, streamUrl: streamPath(req.baseUrl, randomId, token), expiresAt })
  }
}
