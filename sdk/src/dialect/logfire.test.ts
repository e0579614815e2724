import { describe, expect, test } from 'vitest'
import { type Attributes, see } from './testing/see.ts'

const CHAT = 'Chat Completion with {request_data[model]!r}'
const STREAMED = 'streaming response from {request_data[model]!r} took {duration:.2f}s'
const CALL = {
  'gen_ai.operation.name': 'chat',
  'gen_ai.provider.name': 'openai',
  'gen_ai.request.model': 'gpt-5-mini',
  'gen_ai.response.model': 'gpt-5-mini',
  'gen_ai.input.messages': '[{"role":"user"}]',
  request_data: '{"model":"gpt-5-mini"}',
}
const ANSWER = {
  'gen_ai.output.messages': '[{"role":"assistant"}]',
  'gen_ai.usage.input_tokens': 120,
  'gen_ai.usage.output_tokens': 30,
  'gen_ai.usage.raw':
    '{"prompt_tokens_details":{"cached_tokens":64},"completion_tokens_details":{"reasoning_tokens":12}}',
}
const USAGE = {
  inputTokens: 120,
  outputTokens: 30,
  totalTokens: 150,
  cacheReadTokens: 64,
  reasoningTokens: 12,
}

function span(template: string, attributes: Attributes): ReturnType<typeof see> {
  return see('logfire.openai', template, { 'logfire.msg_template': template, ...attributes })
}

test('a model call has its messages, and the details of its usage as the API has told them', () => {
  expect(span(CHAT, { ...CALL, ...ANSWER, 'gen_ai.response.id': 'resp_1' })).toMatchObject({
    role: 'llm',
    name: 'gpt-5-mini',
    provider: 'openai',
    input: [{ role: 'user' }],
    output: [{ role: 'assistant' }],
    usage: USAGE,
  })
})

test('a streamed call is one call: the log line that has its usage, not the span that ended before', () => {
  expect(span(CHAT, CALL)).toBeUndefined()
  const log = { ...CALL, ...ANSWER, 'logfire.span_type': 'log' }
  expect(span(STREAMED, log)).toMatchObject({ role: 'llm', name: 'gpt-5-mini', usage: USAGE })
})

test('a call that failed is a call', () => {
  expect(span(CHAT, { ...CALL, 'logfire.level_num': 17 })?.role).toBe('llm')
})

describe('the OpenAI Agents SDK', () => {
  test('has errors with what went wrong, not only where', () => {
    const error = '{"message":"Error in agent run","data":{"error":"Error code: 400"}}'

    expect(span('Agent run: {name!r}', { name: 'guide', error })?.error?.message).toBe(
      'Error in agent run: Error code: 400',
    )
  })
})
