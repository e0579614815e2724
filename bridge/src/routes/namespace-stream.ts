import type { RequestHandler } from 'express'
import type { Streams } from '../sse/streams.ts'
import type { RunStore } from '../store/run-store.ts'
import { admit, sendHead } from './stream-request.ts'

export interface NamespaceStreamDeps {
  readonly store: Pick<RunStore, 'watchNamespace'>
  readonly streams: Streams
}

/** `GET /api/namespaces/:namespace/stream`: the events of one namespace across runs, from now on. */
export function namespaceStreamRoute({ store, streams }: NamespaceStreamDeps): RequestHandler {
  return (req, res) => {
    const namespace = String(req.params.namespace)
    if (req.method === 'HEAD') {
      sendHead(res)
      return
    }
    const connection = admit(streams, req, res)
    streams.listen(connection, namespace, (fn) => store.watchNamespace(namespace, fn))
  }
}
