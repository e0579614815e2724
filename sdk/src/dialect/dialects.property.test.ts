import fc from 'fast-check'
import { expect, test } from 'vitest'
import { anyDialect, classify } from './classify.ts'
import type { SpanRole } from './span-facts.ts'

const KEYS = [
  'openinference.span.kind',
  'input.value',
  'input.mime_type',
  'output.value',
  'metadata',
  'tool.parameters',
  'llm.token_count.prompt',
  'llm.cost.total',
  'mastra.span.type',
  'mastra.agent_run.input',
  'ai.operationId',
  'ai.prompt',
  'ai.toolCall.args',
  'ai.response.toolCalls',
  'ai.usage.inputTokens',
  'langfuse.observation.type',
  'langfuse.observation.input',
  'langfuse.observation.output',
  'langfuse.observation.usage_details',
  'langfuse.observation.cost_details',
  'langsmith.span.kind',
  'langsmith.usage_metadata',
  'gen_ai.prompt',
  'gen_ai.completion',
  'logfire.msg_template',
  'request_data',
  'raw_input',
  'error',
  'name',
  'agent_name',
  'traceloop.span.kind',
  'traceloop.entity.input',
  'traceloop.entity.output',
  'gen_ai.operation.name',
  'gen_ai.tool.call.arguments',
  'gen_ai.input.messages',
  'gen_ai.usage.input_tokens',
  'mcp.method.name',
]
const SCOPES = [
  'ai',
  'pydantic-ai',
  '@traceloop/node-server-sdk',
  '@mastra/otel-bridge',
  '@arizeai/openinference-instrumentation-langchain',
  '@arizeai/openinference-instrumentation-openai-agents',
  'anything',
]
const NAMES = [
  'running tool',
  'agent run',
  "tool: 'x'",
  'constructor',
  '__proto__',
  'RunnableSequence',
  '',
]
const ROLES: readonly SpanRole[] = ['agent', 'workflow', 'step', 'tool', 'llm', 'run']

const kinds = fc.constantFrom(
  'AGENT',
  'TOOL',
  'LLM',
  'CHAIN',
  'agent_run',
  'tool_call',
  'model_inference',
  'ai.generateText',
  'ai.toolCall',
  'ai.streamText.doStream',
  'tool',
  'chain',
  'generation',
  'llm',
  'workflow',
  'task',
  'chat',
  'execute_tool',
  'tools/call',
  'Function: {name}',
  'Responses API',
  'application/json',
)
const json = fc.oneof(
  fc.json(),
  fc.constantFrom(
    '{"args":[],"kwargs":null}',
    '{"args":["{]"],"kwargs":[]}',
    '{"lc":1,"kwargs":{"content":null,"tool_call_id":7}}',
    '{"lc":1}',
    '{"input":{"type":"tool_call"}}',
    '{"input":-1,"total":"x"}',
    '{',
    '[',
  ),
)
const value = fc.oneof(kinds, json, fc.anything({ withNullPrototype: true, withBigInt: true }))

test('attributes of any type are read without throwing, whatever dialect they seem to be of', () => {
  const facts = fc.record({
    name: fc.oneof(fc.constantFrom(...NAMES), fc.string()),
    scope: fc.constantFrom(...SCOPES),
    attributes: fc.dictionary(fc.constantFrom(...KEYS), value, { maxKeys: 12 }),
    root: fc.constantFrom(true, false, undefined),
  })
  fc.assert(
    fc.property(facts, fc.constantFrom(...ROLES), (facts, role) => {
      const is = classify(facts)
      if (is !== undefined) {
        expect(ROLES).toContain(is.role)
        expect(['string', 'undefined']).toContain(typeof is.name)
        expect(['string', 'undefined']).toContain(typeof is.toolCallId)
        is.dialect.conclude(facts, is.role)
      }
      const { usage, cost } = anyDialect.conclude(facts, role)
      for (const count of Object.values(usage ?? {})) expect(count).toBeGreaterThanOrEqual(0)
      expect(['number', 'undefined']).toContain(typeof cost)
    }),
    { numRuns: 2000 },
  )
})
