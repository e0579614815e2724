import { setting } from './base-url.ts'

/** The trace in Jaeger's own pages; `undefined` if the bridge knows no Jaeger, or there is no such trace. */
export function jaegerUrl(traceId: string | undefined, spanId?: string): string | undefined {
  const base = setting('jaeger-ui')
  if (base === undefined || traceId === undefined || !/^[0-9a-f]{32}$/.test(traceId))
    return undefined
  const url = new URL(`${base.replace(/\/+$/, '')}/trace/${traceId}`)
  if (spanId !== undefined && /^[0-9a-f]{16}$/.test(spanId)) url.searchParams.set('uiFind', spanId)
  return url.href
}
