import type { Request, RequestHandler, Response } from 'express'
import { requestFormat } from '../formats/formats.ts'
import type { Connection } from '../sse/connection.ts'
import { type Cursor, requestCursor, startAfter } from '../sse/cursor.ts'
import { requestWaitMs } from '../sse/stream-query.ts'
import type { Streams } from '../sse/streams.ts'
import type { Telling } from '../sse/telling.ts'
import type { RunFeed, RunStore } from '../store/run-store.ts'
import { isStoreAway } from '../store/store-away.ts'
import { missingRun } from './missing-run.ts'
import { runIdOf } from './params.ts'
import { admit, sendHead } from './stream-request.ts'

export interface RunStreamDeps {
  readonly store: RunStore
  readonly streams: Streams
}

interface Found {
  readonly connection: Connection
  readonly feed: RunFeed
  readonly cursor: Cursor | undefined
  readonly telling: Telling | undefined
}

/** `GET /api/agents/:randomId/stream`: one run, from where the reader was, then live. */
export function runStreamRoute({ store, streams }: RunStreamDeps): RequestHandler {
  return async (req, res) => {
    const format = requestFormat(req.query.format)
    const asked = requestWaitMs(req.query.wait, streams.options.waitMs)
    // Whoever only asks for the head does not want to wait for it.
    const waitMs = req.method === 'HEAD' ? 0 : asked
    const cursor = requestCursor(req.headers['last-event-id'], req.query)
    const randomId = runIdOf(req)
    const telling = format?.tell(randomId)
    const connection = admit(streams, req, res)
    if (telling !== undefined) connection.speak(telling)
    // The one answer after which an EventSource comes back by itself.
    const later = (): void => {
      if (req.method === 'HEAD') sendHead(res, telling?.headers)
      else streams.refuse(connection)
    }
    if (!store.ready()) return later()
    try {
      const known = await store.open(randomId)
      const gone = known === undefined ? await store.wasDisposed(randomId) : known.disposed
      if (gone) throw await missingRun(store, randomId)
      const feed =
        known ?? (cursor === undefined ? await wait(randomId, waitMs, connection) : known)
      if (connection.over) return
      if (feed !== undefined) answer(req, res, { connection, feed, cursor, telling })
      else if (req.method === 'HEAD' && cursor !== undefined) sendHead(res, telling?.headers)
      else if (cursor !== undefined) await restart(randomId, connection, telling)
      else if (streams.closing) later()
      else throw await missingRun(store, randomId)
    } catch (error) {
      // It went away meanwhile: an error would be the last answer that an EventSource takes.
      if (!isStoreAway(error)) throw error
      later()
    }
  }

  async function wait(
    randomId: string,
    ms: number,
    connection: Connection,
  ): Promise<RunFeed | undefined> {
    if (ms === 0 || streams.closing) return undefined
    const feed = await store.appears(randomId, connection.patience(ms))
    connection.found()
    return feed
  }

  function answer(req: Request, res: Response, { connection, feed, cursor, telling }: Found): void {
    const { after, restarted } = startAfter(cursor, feed)
    // The one answer after which an EventSource does not come back.
    if (feed.ended && after >= feed.lastSeq && !restarted) res.status(204).end()
    else if (req.method === 'HEAD') sendHead(res, telling?.headers)
    else streams.follow(connection, feed, after, restarted ? 'untold' : undefined, telling)
  }

  /** The reader knows a run that this bridge does not: it was restarted, and the run may come again. */
  async function restart(
    randomId: string,
    connection: Connection,
    telling: Telling | undefined,
  ): Promise<void> {
    if (!streams.tell(connection, { type: 'stream.gap', reason: 'restarted' }, telling)) return
    // A margin, since the stream's own end comes first.
    const signal = connection.patience(streams.options.maxStreamMs * 2)
    const feed = await store.appears(randomId, signal)
    connection.found()
    if (feed !== undefined) streams.follow(connection, feed, 0, 'told', telling)
  }
}
