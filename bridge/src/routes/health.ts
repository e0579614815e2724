import type { RequestHandler } from 'express'
import type { RunStore } from '../store/run-store.ts'

/** `GET /healthz`: the process answers. */
export const healthRoute: RequestHandler = (_req, res) => {
  res.setHeader('Cache-Control', 'no-store')
  res.json({ status: 'ok' })
}

export interface ReadyDeps {
  readonly store: RunStore
  closing(): boolean
}

/** `GET /readyz`: 503 only while the store is away or the bridge closes. */
export function readyRoute({ store, closing }: ReadyDeps): RequestHandler {
  return (_req, res) => {
    const status = closing() ? 'closing' : store.ready() ? 'ok' : 'store-away'
    res.setHeader('Cache-Control', 'no-store')
    res.status(status === 'ok' ? 200 : 503).json({ status })
  }
}
