// One measurement: a call that is wrapped by Spancast, or by hand-written OpenTelemetry code with the same start
// attributes and an empty processor. Both run inside one open span, and one open run.
import { SpanStatusCode, trace } from '@opentelemetry/api'
import { NodeTracerProvider } from '@opentelemetry/sdk-trace-node'
import { AgentEventProcessor, observe, observeRun } from '@spancast/sdk'
import { measure } from '../lib/measure.mjs'
import { payload } from '../lib/payload.mjs'

const { variant, scenario } = JSON.parse(process.argv[2])
const empty = { onStart() {}, onEnd() {}, async forceFlush() {}, async shutdown() {} }
const provider = new NodeTracerProvider({
  spanProcessors: [variant === 'spancast' ? new AgentEventProcessor() : empty],
})
provider.register()
const tracer = trace.getTracer('bench')

const RUN_ID = 'bench-run-0001'
const STATIC = {
  agent: (name) => ({ 'gen_ai.operation.name': 'invoke_agent', 'gen_ai.agent.name': name }),
  tool: (name) => ({ 'gen_ai.operation.name': 'execute_tool', 'gen_ai.tool.name': name }),
}

/** What a careful developer writes by hand: the span active in the function, content as JSON attributes. */
function byHand(fn, { name, kind, content }) {
  const options = { attributes: { ...STATIC[kind](name), 'spancast.run.id': RUN_ID } }
  return (...args) =>
    tracer.startActiveSpan(`${kind} ${name}`, options, (span) => {
      if (content) span.setAttribute('input', JSON.stringify(args[0]))
      const succeed = (value) => {
        if (content) span.setAttribute('output', JSON.stringify(value))
        span.end()
        return value
      }
      const fail = (error) => {
        span.recordException(error)
        span.setStatus({ code: SpanStatusCode.ERROR })
        span.end()
        throw error
      }
      let result
      try {
        result = fn(...args)
      } catch (error) {
        return fail(error)
      }
      return typeof result?.then === 'function' ? result.then(succeed, fail) : succeed(result)
    })
}

const wrap = variant === 'spancast' ? observe : byHand
const args = Array.from({ length: 64 }, (_, i) => payload(200, i, 'arg'))
const results = Array.from({ length: 64 }, (_, i) => payload(200, i, 'res'))

function build() {
  if (scenario === 'sync') return { op: wrap(() => {}, { name: 'noop', kind: 'tool' }), sync: true }
  if (scenario === 'async') {
    return { op: wrap(async () => {}, { name: 'noop', kind: 'tool' }), sync: false }
  }
  let n = 0
  const tool = (name) =>
    wrap(async () => results[n++ & 63], { name, kind: 'tool', content: true })
  const [search, fetchPage, summarize] = ['search', 'fetch_page', 'summarize'].map(tool)
  const agent = wrap(
    async () => {
      await search(args[n & 63])
      await fetchPage(args[n & 63])
      await summarize(args[n & 63])
      return results[n & 63]
    },
    { name: 'researcher', kind: 'agent', content: true },
  )
  return { op: (i) => agent(args[i & 63]), sync: false }
}

const work = () => measure(build())
const ns =
  variant === 'spancast'
    ? (await observeRun({ name: 'bench', randomId: RUN_ID }, work)).result
    : await tracer.startActiveSpan('bench', work)
process.stdout.write(JSON.stringify({ ns }))
process.exit(0)
