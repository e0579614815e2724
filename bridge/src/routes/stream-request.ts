import type { Request, Response } from 'express'
import { clientOf } from '../security/client-address.ts'
import { type Connection, STREAM_HEADERS } from '../sse/connection.ts'
import type { Streams } from '../sse/streams.ts'

/**
 * Admits a request as a stream of its client.
 *
 * @throws BridgeError `too-many-streams`.
 */
export function admit(streams: Streams, req: Request, res: Response): Connection {
  return streams.admit(res, clientOf(req.ip ?? req.socket.remoteAddress))
}

/** Answers HEAD: what GET would say before its first event. */
export function sendHead(res: Response, headers: Readonly<Record<string, string>> = {}): void {
  res.writeHead(200, { ...STREAM_HEADERS, ...headers }).end()
}
