// Spans that no dialect knows, started and ended under a provider with an AgentEventProcessor and under one with an
// empty processor. Blocks of both take turns, so that what else the machine does meets both alike.
import { context, ROOT_CONTEXT, SpanKind, trace } from '@opentelemetry/api'
import { NodeTracerProvider } from '@opentelemetry/sdk-trace-node'
import { AgentEventProcessor, observe, observeRun } from '@spancast/sdk'
import { interleave } from '../lib/measure.mjs'

const { scenario, blocks } = JSON.parse(process.argv[2])
const empty = { onStart() {}, onEnd() {}, async forceFlush() {}, async shutdown() {} }
const live = new NodeTracerProvider({ spanProcessors: [new AgentEventProcessor()] })
live.register()
const raw = new NodeTracerProvider({ spanProcessors: [empty] })

// As in a process whose provider had the processor from its start: V8 settles by the first spans how large one is.
for (let i = 0; i < 10; i++) live.getTracer('first').startSpan('first').end()

const HTTP = {
  scope: '@opentelemetry/instrumentation-http',
  name: 'GET',
  options: {
    kind: SpanKind.SERVER,
    attributes: {
      'http.request.method': 'GET',
      'url.scheme': 'http',
      'url.path': '/health',
      'server.address': 'localhost',
      'server.port': 8080,
      'network.protocol.version': '1.1',
      'user_agent.original': 'curl/8.5.0',
    },
  },
}
const QUERY = {
  scope: '@acme/database',
  name: 'SELECT orders',
  options: {
    kind: SpanKind.CLIENT,
    attributes: {
      'db.system.name': 'postgresql',
      'db.namespace': 'shop',
      'db.operation.name': 'SELECT',
      'db.query.text': 'SELECT * FROM orders WHERE id = $1',
    },
  },
}
// Its library may say right after the start what it is.
const UNSAID = { scope: 'my-app', name: 'work', options: {} }

const SCENARIOS = {
  root: { is: HTTP, inside: false },
  child: { is: QUERY, inside: false, below: HTTP },
  unsaid: { is: UNSAID, inside: false },
  inside: { is: QUERY, inside: true },
  insideUnsaid: { is: UNSAID, inside: true },
}

const { is, below, inside } = SCENARIOS[scenario]

// Requests come side by side, and each makes some queries in a row.
const REQUESTS = 64
const IN_A_ROW = 3

function variant(provider, base) {
  const tracer = provider.getTracer(is.scope)
  if (below === undefined) {
    return { op: () => tracer.startSpan(is.name, is.options).end(), within: base }
  }
  const above = Array.from({ length: REQUESTS }, () => {
    const request = provider.getTracer(below.scope).startSpan(below.name, below.options, base)
    return trace.setSpan(base, request)
  })
  const op = (i) =>
    tracer.startSpan(is.name, is.options, above[Math.floor(i / IN_A_ROW) % REQUESTS]).end()
  return { op, within: base }
}

async function measure(base) {
  const rawBase = inside ? trace.setSpan(ROOT_CONTEXT, raw.getTracer('x').startSpan('x')) : base
  const variants = { raw: variant(raw, rawBase), spancast: variant(live, base) }
  process.stdout.write(
    JSON.stringify(await interleave(variants, { blocks, sync: true, cpu: true })),
  )
}

if (inside) {
  const agent = observe(() => measure(context.active()), { name: 'agent' })
  await observeRun({ name: 'bench' }, () => agent())
} else await measure(ROOT_CONTEXT)
process.exit(0)
