import type { Request, RequestHandler, Response } from 'express'
import { requestCursor, type Start, startAfter } from '../sse/cursor.ts'
import type { RunFeed, RunStore } from '../store/run-store.ts'
import { sendNdjson } from './events-export.ts'
import { missingRun } from './missing-run.ts'
import { limitIn, runIdOf } from './params.ts'

const DEFAULT_LIMIT = 1000
const MAX_LIMIT = 10_000
const NDJSON = 'application/x-ndjson'

/**
 * `GET /api/agents/:randomId/events`: what is kept of a run after `since`, as one page of JSON; all of it, line by
 * line, for who accepts `application/x-ndjson`.
 */
export function eventsRoute({ store }: { readonly store: RunStore }): RequestHandler {
  return async (req, res) => {
    const randomId = runIdOf(req)
    const cursor = requestCursor(undefined, req.query)
    const limit = limitIn(req, MAX_LIMIT)
    const feed = await store.open(randomId)
    if (feed === undefined) throw await missingRun(store, randomId)
    const start = startAfter(cursor, feed)
    res.vary('Accept')
    res.setHeader('Cache-Control', 'no-store')
    if (wantsNdjson(req)) await sendNdjson(res.type(NDJSON), feed, start, limit)
    else sendPage(res, feed, start, limit ?? DEFAULT_LIMIT)
  }
}

function wantsNdjson(req: Request): boolean {
  return req.accepts(['application/json', NDJSON]) === NDJSON
}

function sendPage(res: Response, feed: RunFeed, { after, restarted }: Start, limit: number): void {
  const { epoch, lastSeq, ended } = feed
  const entries = feed.entries(after, limit)
  const last = entries.at(-1)?.seq ?? after
  const lost = feed.gapAfter(after)
  const gaps: unknown[] = restarted ? [{ reason: 'restarted' }] : []
  // One that begins beyond a full page is told by the page that it falls into.
  if (lost !== undefined && (entries.length < limit || lost.from <= last)) {
    gaps.push({ reason: 'overwritten', ...lost })
  }
  const rest = JSON.stringify({ gaps, epoch, lastSeq, ended, next: `${epoch}.${last}` })
  const events = entries.map((entry) => entry.json).join(',')
  // Each event's text is made once for all readers.
  res.type('application/json').send(`{"events":[${events}],${rest.slice(1)}`)
}
