import { expect, test } from 'vitest'
import { JsonText } from '../event/json-text.ts'
import { adk } from './adk.ts'
import { classify } from './classify.ts'

const SCOPE = 'gcp.vertex.agent'
const see = (name: string, attributes: Record<string, unknown> = {}) =>
  classify({ name, scope: SCOPE, attributes })

test('a span that has only started is known by its name', () => {
  expect(see('invoke_agent guide')).toMatchObject({ role: 'agent', name: 'guide' })
  expect(see('agent_run [guide]')).toMatchObject({ role: 'agent', name: 'guide' })
  expect(see('execute_tool get_weather')).toMatchObject({ role: 'tool', name: 'get_weather' })
  expect(see('call_llm')).toMatchObject({ role: 'llm', name: undefined })
})

test('what it puts around agents and beside tools is nothing', () => {
  expect(see('invocation')).toBeUndefined()
  expect(see('execute_tool (merged)', { 'gen_ai.operation.name': 'execute_tool' })).toBeUndefined()
  expect(classify({ name: 'call_llm', scope: 'app', attributes: {} })).toBeUndefined()
})

test.each([
  {
    usageMetadata: {
      promptTokenCount: 120,
      cachedContentTokenCount: 64,
      candidatesTokenCount: 18,
      thoughtsTokenCount: 12,
      totalTokenCount: 150,
    },
  },
  {
    usage_metadata: {
      prompt_token_count: 120,
      cached_content_token_count: 64,
      candidates_token_count: 18,
      thoughts_token_count: 12,
      total_token_count: 150,
    },
  },
])('a model call has the usage that its answer tells, thoughts in its output', (usage) => {
  const content = { role: 'model', parts: [{ text: 'mild' }] }
  const attributes = {
    'gen_ai.system': SCOPE,
    'gen_ai.request.model': 'gemini-2.5-flash',
    'gcp.vertex.agent.llm_request': '{"model":"gemini-2.5-flash","contents":["why"]}',
    'gcp.vertex.agent.llm_response': JSON.stringify({ content, ...usage }),
    'gen_ai.usage.input_tokens': 120,
    'gen_ai.usage.output_tokens': 18,
  }

  const call = see('call_llm', attributes)
  const found = adk.conclude({ name: 'call_llm', scope: SCOPE, attributes }, 'llm')

  expect(call).toMatchObject({ name: 'gemini-2.5-flash', provider: 'google', input: ['why'] })
  expect(found.output).toEqual(content)
  expect(found.usage).toEqual({
    inputTokens: 120,
    outputTokens: 30,
    totalTokens: 150,
    cacheReadTokens: 64,
    reasoningTokens: 12,
  })
})

test('a model call that failed says of what, though its status does not', () => {
  const attributes = {
    'gcp.vertex.agent.llm_response': '{"error_code":"429","error_message":"too many"}',
  }

  expect(adk.conclude({ name: 'call_llm', scope: SCOPE, attributes }, 'llm').error).toMatchObject({
    type: '429',
    message: 'too many',
  })
})

test('a session is the conversation', () => {
  expect(adk.conversation?.({ 'gcp.vertex.agent.session_id': 's1' })).toBe('s1')
})

test('newer versions have content under the keys of the conventions', () => {
  const attributes = {
    'gen_ai.tool.call.arguments': '{"city":"Lima"}',
    'gen_ai.tool.call.result': '{"temperature":21}',
  }
  const facts = { name: 'execute_tool get_weather', scope: SCOPE, attributes }

  const { input } = see('execute_tool get_weather', attributes) ?? {}
  const { output } = adk.conclude(facts, 'tool')

  const read = [input, output].map((content) => (JsonText.is(content) ? content.read() : content))
  expect(read).toEqual([{ city: 'Lima' }, { temperature: 21 }])
})

test('nothing is told of the workflow that an agent has for itself when it is a tool', () => {
  const workflow = { 'gen_ai.operation.name': 'invoke_workflow', 'gen_ai.workflow.name': 'guide' }

  expect(see('invoke_workflow guide', workflow)?.role).toBe('workflow')
  const nested = { ...workflow, 'gen_ai.workflow.nested': true }
  expect(see('invoke_workflow guide', nested)).toBeFalsy()
})
