import type { RequestHandler } from 'express'
import { BridgeError } from '../errors.ts'
import type { Streams } from '../sse/streams.ts'
import type { RunStore } from '../store/run-store.ts'
import { admit, sendHead } from './stream-request.ts'

export interface NamespaceStreamDeps {
  readonly store: Pick<RunStore, 'watchNamespace'>
  readonly streams: Streams
}

const MAX_NAMESPACE = 128

/** `GET /api/namespaces/:namespace/stream`: the events of one namespace across runs, from now on. */
export function namespaceStreamRoute({ store, streams }: NamespaceStreamDeps): RequestHandler {
  return (req, res) => {
    const namespace = String(req.params.namespace)
    if (namespace === '*' || namespace.length < 1 || namespace.length > MAX_NAMESPACE) {
      throw new BridgeError(
        'invalid-namespace',
        `Expected a namespace of 1 to ${MAX_NAMESPACE} characters that is not "*", got ${JSON.stringify(namespace.slice(0, 40))}.`,
      )
    }
    if (req.method === 'HEAD') {
      sendHead(res)
      return
    }
    const connection = admit(streams, req, res)
    streams.listen(connection, namespace, (fn) => store.watchNamespace(namespace, fn))
  }
}
