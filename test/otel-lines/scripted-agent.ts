import { setImmediate as turn } from 'node:timers/promises'
import { SpanStatusCode, type Tracer, trace } from '@opentelemetry/api'
import {
  emit,
  emitAgentEnd,
  emitAgentStart,
  emitChunk,
  type ObserverRegistry,
  observe,
  observeRun,
  recordCost,
  recordUsage,
  withObservationContext,
} from '@spancast/sdk'

// Asked for when it is used: a tracer from before the provider of another copy of the API would stay silent.
const anotherLibrary = (): Tracer => trace.getTracer('another-library')

const search = observe(async ({ q }: { q: string }) => [`hit for ${q}`], {
  name: 'search',
  kind: 'tool',
})
const broken = observe(
  () => {
    throw new RangeError('no such page')
  },
  { name: 'broken', kind: 'tool' },
)
const model = observe(
  async (prompt: string) => {
    recordUsage({ inputTokens: prompt.length, outputTokens: 2 }, { provider: 'acme' })
    recordCost(0.25)
    await turn()
    return 'because'
  },
  { name: 'gpt', kind: 'llm' },
)
const answer = observe(
  async function* () {
    yield { part: 1 }
    emit('halfway', { done: 0.5 })
    yield { part: 2 }
  },
  { name: 'Writer' },
)

/** A model call as another library traces it, below a span that is none of an agent's. */
async function foreignCall(): Promise<void> {
  const library = anotherLibrary()
  await library.startActiveSpan('http POST', async (http) => {
    await turn()
    const call = library.startSpan('chat m', {
      attributes: { 'gen_ai.operation.name': 'chat', 'gen_ai.request.model': 'm' },
    })
    call.setAttribute('gen_ai.usage.input_tokens', 3)
    call.addEvent('retried', { attempt: 2 })
    call.recordException(new TypeError('cut off'))
    call.setStatus({ code: SpanStatusCode.ERROR, message: 'cut off' })
    call.end()
    http.end()
  })
}

const planner = observe(
  async (question: string) => {
    await Promise.all([search({ q: question }), foreignCall()])
    try {
      broken()
    } catch {
      emitChunk('never mind')
    }
    for await (const _ of answer()) await turn()
    return model(question)
  },
  { name: 'Planner', namespace: 'planning' },
)

/** Runs the agents, in three runs: one that is named, one that goes by its trace, and one that is told by hand. */
export async function runScriptedAgent(registry: ObserverRegistry): Promise<void> {
  await observeRun({ name: 'Team', randomId: 'run-of-lines', input: 'why?' }, () => planner('why?'))

  await anotherLibrary().startActiveSpan('GET /', async (root) => {
    await planner('by trace')
    root.end()
  })

  const observer = registry.create('run-of-seed')
  withObservationContext({ randomId: observer.randomId, observer }, () => {
    emitAgentStart('n', 'Seed')
    emitAgentEnd('n', 20, 0.5)
  })
}
