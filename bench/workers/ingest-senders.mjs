// Sends the same OTLP requests over and over, with fresh ids, and stands for the upstream too.
import http from 'node:http'
import { ProtobufTraceSerializer } from '@opentelemetry/otlp-transformer'

const { spans, agenticEvery } = JSON.parse(process.argv[2])
const SENDERS = 4
const agent = new http.Agent({ keepAlive: true, maxSockets: SENDERS })

const sink = http.createServer((req, res) => {
  req.resume()
  req.on('end', () => res.writeHead(200, { 'Content-Type': 'application/x-protobuf' }).end())
})
await new Promise((resolve) => sink.listen(0, '127.0.0.1', resolve))

// The first half of every trace id, so that it can be found in the bytes and be made new at every send.
const MARK = 'f0e1d2c3b4a59687'
const hex = (digits) =>
  Array.from({ length: digits }, () => Math.floor(Math.random() * 16).toString(16)).join('')

/** One request: traces of 16 spans, one trace in so many an agent's. */
function request() {
  const now = Date.now()
  const list = []
  let root
  for (let i = 0; i < spans; i++) {
    const isRoot = i % 16 === 0
    const context = {
      traceId: isRoot ? MARK + hex(16) : root.traceId,
      spanId: hex(16),
      traceFlags: 1,
    }
    if (isRoot) root = context
    list.push(
      span(context, isRoot ? undefined : root, now, Math.floor(i / 16) % agenticEvery === 0),
    )
  }
  const body = Buffer.from(ProtobufTraceSerializer.serializeRequest(list))
  const mark = Buffer.from(MARK, 'hex')
  const places = []
  for (let at = body.indexOf(mark); at !== -1; at = body.indexOf(mark, at + 8)) places.push(at)
  return { body, places }
}

let sends = 0n

/** The same spans in traces that have not been before. */
function renewed({ body, places }) {
  sends++
  for (const at of places) body.writeBigUInt64BE(sends, at)
  return body
}

function span(context, parent, now, agentic) {
  const seconds = Math.floor(now / 1000)
  return {
    name: agentic ? 'execute_tool search' : 'GET /items/:id',
    kind: agentic ? 0 : 2,
    spanContext: () => context,
    parentSpanContext: parent,
    startTime: [seconds, 0],
    endTime: [seconds, 5e6],
    duration: [0, 5e6],
    status: { code: 0 },
    attributes: agentic
      ? {
          'gen_ai.operation.name': 'execute_tool',
          'gen_ai.tool.name': 'search',
          'gen_ai.tool.call.arguments': '{"q":"weather in Berlin tomorrow","limit":10}',
        }
      : {
          'http.request.method': 'GET',
          'url.path': '/items/4711',
          'http.response.status_code': 200,
          'server.address': 'shop.example.com',
          'user_agent.original': 'Mozilla/5.0 (X11; Linux x86_64)',
        },
    links: [],
    events: [],
    ended: true,
    resource: { attributes: { 'service.name': 'shop' }, schemaUrl: undefined },
    instrumentationScope: { name: 'http', version: '1.0.0' },
    droppedAttributesCount: 0,
    droppedEventsCount: 0,
    droppedLinksCount: 0,
  }
}

const requests = Array.from({ length: 50 }, request)

function post(port, body) {
  return new Promise((resolve, reject) => {
    const options = {
      agent,
      port,
      host: '127.0.0.1',
      path: '/v1/traces',
      method: 'POST',
      headers: { 'Content-Type': 'application/x-protobuf', 'Content-Length': body.length },
    }
    const req = http.request(options, (res) => {
      res.resume()
      res.on('end', () => resolve(res.statusCode))
    })
    req.on('error', reject)
    req.end(body)
  })
}

process.on('message', async ({ port, ms, least = 0 }) => {
  let sent = 0
  let refused = 0
  let next = 0
  const until = performance.now() + ms
  const started = performance.now()
  await Promise.all(
    Array.from({ length: SENDERS }, async () => {
      while (performance.now() < until || sent < least) {
        const status = await post(port, renewed(requests[next++ % requests.length]))
        if (status === 200) sent++
        else refused++
      }
    }),
  )
  const seconds = (performance.now() - started) / 1000
  process.send({ perSecond: (sent * spans) / seconds, refused })
})
process.on('disconnect', () => process.exit(0))
process.send({ upstreamUrl: `http://127.0.0.1:${sink.address().port}` })
