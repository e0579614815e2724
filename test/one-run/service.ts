/** A service in Express that helps one caller, by an observed agent, and then leaves. Prints its URL. */
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { context, propagation, ROOT_CONTEXT, SpanKind, trace } from '@opentelemetry/api'
import { emitChunk, observe, recordUsage } from '@spancast/sdk'
import { start } from '@spancast/sdk/setup'
import express from 'express'

const [bridge = '', way = 'link', joins = 'joins', flushes = 'first'] = process.argv.slice(2)
const url = way === 'link' ? { bridgeUrl: bridge } : { otlpUrl: bridge }
const started = start({ ...url, joinRuns: joins === 'joins', serviceName: 'helper' })

const look = observe((q: string) => `${q}: found`, { name: 'look', kind: 'tool' })
const model = observe(
  (text: string) => {
    recordUsage({ inputTokens: 10, outputTokens: 5 })
    emitChunk(text)
    return text
  },
  { name: 'gpt', kind: 'llm' },
)
const helper = observe(async (q: string) => model(look(q)), { name: 'Helper' })

const app = express()
app.use((req, _res, next) => {
  context.with(propagation.extract(ROOT_CONTEXT, req.headers), next)
})
app.get('/help', async (req, res) => {
  const tracer = trace.getTracer('express')
  await tracer.startActiveSpan('GET /help', { kind: SpanKind.SERVER }, async (span) => {
    const answer = await helper(String(req.query.q))
    span.end()
    if (way === 'link' && flushes === 'first') await started.forceFlush()
    res.json(answer)
  })
})
const server = app.listen(0, '127.0.0.1')
await once(server, 'listening')
process.stdout.write(`http://127.0.0.1:${(server.address() as AddressInfo).port}\n`)

server.once('request', (_req, res) => {
  res.once('close', () => {
    server.close()
    server.closeIdleConnections()
    void started.shutdown()
  })
})
