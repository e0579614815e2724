import { ROOT_CONTEXT, type Span } from '@opentelemetry/api'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { ObserverRegistry } from '../observer/observer-registry.ts'
import { told } from '../testing/telling.ts'
import { AgentEventProcessor } from './agent-event-processor.ts'

// What says of a span that it is an agent's, a tool's or a model's, in each dialect.
const SIGNS: readonly Readonly<Record<string, string>>[] = [
  { 'gen_ai.operation.name': 'invoke_agent' },
  { 'gen_ai.operation.name': 'execute_tool' },
  { 'gen_ai.operation.name': 'chat' },
  { 'openinference.span.kind': 'TOOL' },
  { 'openinference.span.kind': 'LLM' },
  { 'traceloop.span.kind': 'tool' },
  { 'traceloop.span.kind': 'agent' },
  { 'ai.operationId': 'ai.toolCall' },
  { 'ai.operationId': 'ai.generateText.doGenerate' },
  { 'mastra.span.type': 'tool_call' },
  { 'mastra.span.type': 'agent_run' },
  { 'langfuse.observation.type': 'tool' },
  { 'langfuse.observation.type': 'generation' },
  { 'langsmith.span.kind': 'tool' },
  { 'langsmith.span.kind': 'llm' },
  { 'logfire.msg_template': 'Function: {name}' },
  { 'mcp.method.name': 'tools/call' },
]
// What is read as more than a text, in each dialect.
const CONTENT = [
  'gen_ai.tool.call.arguments',
  'gen_ai.tool.call.result',
  'gen_ai.input.messages',
  'gen_ai.usage.input_tokens',
  'gen_ai.conversation.id',
  'gen_ai.prompt',
  'gen_ai.completion',
  'input.value',
  'output.value',
  'metadata',
  'session.id',
  'llm.cost.total',
  'traceloop.entity.input',
  'traceloop.entity.output',
  'ai.toolCall.args',
  'ai.toolCall.result',
  'ai.response.toolCalls',
  'mastra.agent_run.input',
  'langfuse.observation.input',
  'langfuse.observation.output',
  'langfuse.observation.usage_details',
  'langfuse.observation.cost_details',
  'langsmith.usage_metadata',
  'error',
  'input',
  'output',
  'spancast.run.id',
  'spancast.namespace',
]

function broken(): never {
  throw new Error('mine')
}

const hostile = fc.constantFrom<() => unknown>(
  () => null,
  () => Symbol('attribute'),
  () => 1n,
  () => Number.NaN,
  () => () => {},
  () => ({
    get args(): never {
      return broken()
    },
    get input(): never {
      return broken()
    },
  }),
  () => new Proxy({}, { get: broken, ownKeys: broken, has: broken, getPrototypeOf: broken }),
  () => {
    const { proxy, revoke } = Proxy.revocable({}, {})
    revoke()
    return proxy
  },
  () => {
    const circle: unknown[] = []
    circle.push(circle, { circle })
    return circle
  },
  () => Object.assign(Object.create(null), { toString: broken, toJSON: broken }),
  () => ({ nested: { deep: [null, { map: new Map([[1, new Date(Number.NaN)]]) }] } }),
  () => ({ length: -1, type: 'tool_call', kwargs: 7, content: broken }),
)

function spanWith(attributes: Record<string, unknown>, id: number): Span {
  const spanId = id.toString(16).padStart(16, '0')
  const span: Record<string, unknown> = {
    name: 'span',
    attributes,
    startTime: [1_795_000_000, 0],
    duration: [0, 1_000_000],
    status: { code: 0 },
    events: [],
    instrumentationScope: { name: 'test' },
    spanContext: () => ({ traceId: 'a'.repeat(32), spanId, traceFlags: 1 }),
    isRecording: () => true,
    setAttribute: () => span,
  }
  // A span as far as the processor reads it: none of the SDK's would take such values.
  return span as unknown as Span
}

test('attributes of any type never throw, and the span starts and ends all the same', () => {
  let id = 0
  fc.assert(
    fc.property(
      fc.constantFrom(...SIGNS),
      fc.dictionary(fc.constantFrom(...CONTENT), hostile, { minKeys: 1, maxKeys: 8 }),
      (sign, makers) => {
        const values = Object.entries(makers).map(([key, make]) => [key, make()])
        id++
        const registry = new ObserverRegistry()
        const processor = new AgentEventProcessor({ registry })
        const span = spanWith({ ...Object.fromEntries(values), ...sign }, id)

        processor.onStart(span, ROOT_CONTEXT)
        processor.onEnd(span)

        const events = registry.list().flatMap((run) => run.getEvents())
        void processor.shutdown()
        registry.dispose()
        expect(told(events).map((line) => line.replace(/ .*/, ''))).toEqual([
          'run.start',
          expect.stringMatching(/^agent\.(tool\.|llm\.)?start$/),
          expect.stringMatching(/^agent\.(tool\.|llm\.)?(end|error)$/),
          'run.end',
        ])
        expect(() => JSON.stringify(events)).not.toThrow()
      },
    ),
    { numRuns: 400 },
  )
})
