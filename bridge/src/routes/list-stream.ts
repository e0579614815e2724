import type { RequestHandler } from 'express'
import type { Streams } from '../sse/streams.ts'
import type { RunStore } from '../store/run-store.ts'
import { admit, sendHead } from './stream-request.ts'

export interface ListStreamDeps {
  readonly store: RunStore
  readonly streams: Streams
}

/** `GET /api/agents/stream`: the summaries of all runs, then of those that change, at most once a second each. */
export function listStreamRoute({ store, streams }: ListStreamDeps): RequestHandler {
  return (req, res) => {
    if (req.method === 'HEAD') sendHead(res)
    else streams.list(admit(streams, req, res), store)
  }
}
