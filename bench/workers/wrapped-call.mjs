// Calls wrapped by Spancast, beside calls wrapped by hand-written OpenTelemetry code with the same start attributes
// and an empty processor. Each inside an open span (and, for Spancast, an open run); blocks of both take turns, so
// that what else the machine does meets both alike.
import { context, ROOT_CONTEXT, SpanStatusCode, trace } from '@opentelemetry/api'
import { NodeTracerProvider } from '@opentelemetry/sdk-trace-node'
import { AgentEventProcessor, observe, observeRun } from '@spancast/sdk'
import { interleave } from '../lib/measure.mjs'
import { payload } from '../lib/payload.mjs'

const { scenario, blocks } = JSON.parse(process.argv[2])
const RUN_ID = 'bench-run-0001'
const empty = { onStart() {}, onEnd() {}, async forceFlush() {}, async shutdown() {} }
new NodeTracerProvider({ spanProcessors: [new AgentEventProcessor()] }).register()
const tracer = new NodeTracerProvider({ spanProcessors: [empty] }).getTracer('bench')

const START_ATTRIBUTES = {
  agent: (name) => ({ 'gen_ai.operation.name': 'invoke_agent', 'gen_ai.agent.name': name }),
  tool: (name) => ({ 'gen_ai.operation.name': 'execute_tool', 'gen_ai.tool.name': name }),
}

/** What a careful developer writes by hand: the span active in the function, content as JSON attributes. */
function byHand(fn, { name, kind, content }) {
  const options = { attributes: { ...START_ATTRIBUTES[kind](name), 'spancast.run.id': RUN_ID } }
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

const args = Array.from({ length: 64 }, (_, i) => payload(200, i, 'arg'))
const results = Array.from({ length: 64 }, (_, i) => payload(200, i, 'res'))

const SCENARIOS = {
  sync: (wrap) => wrap(() => {}, { name: 'noop', kind: 'tool' }),
  async: (wrap) => wrap(async () => {}, { name: 'noop', kind: 'tool' }),
  agent(wrap) {
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
    return (i) => agent(args[i & 63])
  },
}

const build = SCENARIOS[scenario]
await observeRun({ name: 'bench', randomId: RUN_ID }, async () => {
  const figures = await interleave(
    {
      raw: { op: build(byHand), within: trace.setSpan(ROOT_CONTEXT, tracer.startSpan('bench')) },
      spancast: { op: build(observe), within: context.active() },
    },
    { blocks, sync: scenario === 'sync' },
  )
  process.stdout.write(JSON.stringify(figures))
})
process.exit(0)
