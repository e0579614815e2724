import { expect, test } from 'vitest'
import { classify } from './classify.ts'
import { claudeCode } from './claude-code.ts'

const SCOPE = 'com.anthropic.claude_code.tracing'
const common = { 'gen_ai.provider.name': 'anthropic', 'gen_ai.conversation.id': 's1' }
const factsOf = (type: string, more: Record<string, unknown> = {}) => ({
  name: `claude_code.${type}`,
  scope: SCOPE,
  attributes: { ...common, 'span.type': type, ...more },
})

test('an interaction is the agent, with what it was asked', () => {
  const more = { 'gen_ai.operation.name': 'invoke_agent', user_prompt: 'weather in Lima' }

  expect(classify(factsOf('interaction', more))).toMatchObject({
    role: 'agent',
    name: 'Claude Code',
    input: 'weather in Lima',
  })
})

test('a request names no operation, and tells cached tokens beside the input, which holds them here', () => {
  const facts = factsOf('llm_request', {
    'gen_ai.request.model': 'claude-sonnet-4-6',
    input_tokens: 40,
    output_tokens: 30,
    cache_read_tokens: 64,
    cache_creation_tokens: 16,
    ttft_ms: 31,
  })

  expect(classify(facts)).toMatchObject({ role: 'llm', name: 'claude-sonnet-4-6' })
  expect(claudeCode.conclude(facts, 'llm')).toEqual({
    usage: {
      inputTokens: 120,
      outputTokens: 30,
      totalTokens: 150,
      cacheReadTokens: 64,
      cacheWriteTokens: 16,
    },
    timeToFirstChunk: 31,
  })
})

test('a tool has the name that its server gave it, and the result that an event holds', () => {
  const facts = factsOf('tool', {
    tool_name: 'mcp__demo__get_weather',
    'gen_ai.tool.name': 'get_weather',
    'gen_ai.tool.call.id': 'toolu_1',
  })
  const events = [{ name: 'tool.output', attributes: { output: '{"temperature":21}' } }]

  expect(classify(facts)).toMatchObject({
    role: 'tool',
    name: 'get_weather',
    toolCallId: 'toolu_1',
  })
  expect(claudeCode.conclude({ ...facts, events }, 'tool').output).toEqual({ temperature: 21 })
})

test('the parts of a tool’s call are nothing', () => {
  for (const type of ['tool.execution', 'tool.blocked_on_user', 'hook']) {
    expect(classify(factsOf(type))).toBeUndefined()
  }
})
