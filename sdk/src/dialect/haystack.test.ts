import { expect, test } from 'vitest'
import { type Attributes, see } from './testing/see.ts'

function component(type: string, more: Attributes = {}) {
  return see('my_application', 'haystack.component.run', {
    'haystack.component.name': 'writer',
    'haystack.component.type': type,
    ...more,
  })
}

test('pipelines are workflows, agents agents, and components steps of the name that they have there', () => {
  const input = '{"messages":[{"role":"user"}]}'
  const agent = { 'haystack.agent.max_steps': 100, 'haystack.agent.input': input }
  const pipeline = { 'haystack.pipeline.input_data': '{"guide":{}}' }

  expect(see('app', 'haystack.pipeline.run', pipeline)).toMatchObject({
    role: 'workflow',
    input: { guide: {} },
  })
  expect(see('app', 'haystack.agent.run', agent)).toMatchObject({
    role: 'agent',
    input: { messages: [{ role: 'user' }] },
  })
  expect(component('PromptBuilder')).toMatchObject({ role: 'step', name: 'writer' })
})

test('a generator is a model call with the model and the usage of its reply', () => {
  const usage = {
    prompt_tokens: 120,
    completion_tokens: 30,
    prompt_tokens_details: { cached_tokens: 64 },
    completion_tokens_details: { reasoning_tokens: 12 },
  }
  const reply = { role: 'assistant', meta: { model: 'gpt-5-mini', usage } }
  const output = { 'haystack.component.output': JSON.stringify({ replies: [reply] }) }

  expect(component('OpenAIChatGenerator', output)).toMatchObject({
    role: 'llm',
    name: 'gpt-5-mini',
    output: [reply],
    usage: { inputTokens: 120, outputTokens: 30, cacheReadTokens: 64, reasoningTokens: 12 },
  })
  expect(component('OpenAIChatGenerator')).toMatchObject({ role: 'llm', usage: undefined })
})

test('an invoker of one tool is that tool, one of several a step', () => {
  const origin = { tool_name: 'get_weather', arguments: { city: 'Lima' }, id: 'call_1' }
  const message = { content: [{ tool_call_result: { result: '{"temperature":21}', origin } }] }
  const invoker = (...messages: object[]) =>
    component('ToolInvoker', {
      'haystack.component.output': JSON.stringify({ tool_messages: messages }),
    })

  expect(invoker(message)).toMatchObject({
    role: 'tool',
    name: 'get_weather',
    toolCallId: 'call_1',
    input: { city: 'Lima' },
    output: { temperature: 21 },
  })
  expect(invoker(message, message)).toMatchObject({ role: 'step', name: 'writer' })
})
