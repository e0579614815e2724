import { expect, test } from 'vitest'
import { see } from './testing/see.ts'

test('agents and tools that name no operation are known by their spans’ names', () => {
  const agent = {
    'gen_ai.agent.name': 'guide',
    agent_name: 'guide',
    final_result: '{"name":"Lima"}',
    'pydantic_ai.all_messages': '[{"role":"user"},{"role":"assistant"}]',
  }
  const tool = {
    'gen_ai.tool.name': 'get_weather',
    'gen_ai.tool.call.id': 'call_1',
    'gen_ai.tool.call.arguments': '{"city":"Lima"}',
    'gen_ai.tool.call.result': '{"temperature":21}',
  }

  expect(see('pydantic-ai', 'invoke_agent guide', agent)).toMatchObject({
    role: 'agent',
    name: 'guide',
    input: [{ role: 'user' }],
    output: { name: 'Lima' },
  })
  expect(see('pydantic-ai', 'execute_tool get_weather', tool)).toMatchObject({
    role: 'tool',
    name: 'get_weather',
    toolCallId: 'call_1',
    input: { city: 'Lima' },
  })
})

test.each([
  ['cached_tokens', 'cacheReadTokens'],
  ['cache_read_tokens', 'cacheReadTokens'],
  ['cache_write_tokens', 'cacheWriteTokens'],
  ['reasoning_tokens', 'reasoningTokens'],
])('%s among the details of usage are %s', (detail, part) => {
  const call = {
    'gen_ai.operation.name': 'chat',
    'gen_ai.usage.input_tokens': 120,
    'gen_ai.usage.output_tokens': 30,
    [`gen_ai.usage.details.${detail}`]: 12,
  }

  expect(see('pydantic-ai', 'chat gpt-5', call)?.usage).toMatchObject({ [part]: 12 })
})

test('a call whose usage it does not know has no price, though it says 0', () => {
  const call = { 'gen_ai.operation.name': 'chat', 'operation.cost': 0 }

  expect(see('pydantic-ai', 'chat gpt-5', call)?.cost).toBeUndefined()
})

test('a tool that raises an error without a word says in its answer what is wrong', () => {
  const tool = { 'logfire.msg': 'running tool: check', tool_response: 'the alert service is down' }

  expect(see('pydantic-ai', 'running tool', tool)?.errorMessage).toBe('the alert service is down')
})
