import type { RequestHandler } from 'express'
import { EXPOSITION_TYPE, exposition, type Metric } from '../metrics/exposition.ts'

/** `GET /metrics`: for Prometheus. */
export function metricsRoute({ metrics }: { metrics(): readonly Metric[] }): RequestHandler {
  return (_req, res) => {
    res.setHeader('Content-Type', EXPOSITION_TYPE)
    res.setHeader('Cache-Control', 'no-store')
    res.send(exposition(metrics()))
  }
}
